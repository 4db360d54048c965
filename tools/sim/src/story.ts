/**
 * A story: the steps that were taken in one network, each with all its parameters.
 *
 * Steps name nodes and ends of routes by numbers that do not depend on other steps, so any of them can be left out; a
 * step that no longer applies does nothing.
 */

/** What a step does. */
export type Step =
  | {
      readonly do: "join";
      readonly node: number;
      readonly to: number;
      /** Two brokers, a node and its broker, or a node that another refers to its own broker. */
      readonly how: "brokers" | "broker" | "referral";
      readonly portals: number;
      readonly delegate: boolean;
      /** The first of twice `portals` ends. */
      readonly end: number;
    }
  | { readonly do: "open"; readonly node: number; readonly level: number; readonly end: number }
  | {
      readonly do: "put";
      readonly end: number;
      readonly bytes: number;
      readonly boxes: number;
      readonly portals: readonly number[];
      /** The portals go inside application objects. */
      readonly wrapped: boolean;
    }
  | { readonly do: "read"; readonly end: number; readonly count: number }
  | { readonly do: "begin-put"; readonly end: number; readonly bytes: number }
  | { readonly do: "end-put"; readonly end: number; readonly abort: boolean }
  | { readonly do: "begin-get"; readonly end: number; readonly overlapped: boolean }
  | { readonly do: "end-get"; readonly end: number; readonly abort: boolean }
  | { readonly do: "trap"; readonly end: number }
  | { readonly do: "merge"; readonly end: number; readonly with: number }
  | { readonly do: "close"; readonly end: number }
  | { readonly do: "crash"; readonly node: number; readonly undelivered: Undelivered }
  | {
      readonly do: "cut";
      readonly node: number;
      readonly line: number;
      readonly undelivered: Undelivered;
    }
  | {
      readonly do: "refuse";
      readonly node: number;
      readonly operation: RefusedOperation;
      readonly times: number;
    }
  | { readonly do: "delay"; readonly percent: number; readonly stepsMax: number }
  | { readonly do: "deliver"; readonly count: number }
  | { readonly do: "rest" };

/** What becomes of messages under way on a line that breaks. */
export type Undelivered = "drop" | "keep" | "prefix";

/** Allocations that are refused now and then. */
export const REFUSED_OPERATIONS = [
  "AllocateSharedMemory",
  "CreateTransports",
  "DuplicateSharedMemory",
  "MapSharedMemory",
] as const;

/** One of them. */
export type RefusedOperation = (typeof REFUSED_OPERATIONS)[number];

/** What decides a run. */
export interface Setting {
  readonly seed: number;
  readonly steps: number;
  /** Null: 2 to 12, by seed. */
  readonly nodes: number | null;
  /** Null: 1 or 2, by seed. */
  readonly brokers: number | null;
  /** The name of a deliberately broken rule; null: none. */
  readonly sabotage: string | null;
}

/** One step as a line of text. */
export function describeStep(step: Step): string {
  const { do: what, ...rest } = step;
  const words = Object.entries(rest).map(([name, value]) =>
    Array.isArray(value) ? `${name}=[${value.join(" ")}]` : `${name}=${String(value)}`,
  );
  return [what, ...words].join(" ");
}

/** Indexes as `0-3,7`. */
export function formatKeep(indexes: readonly number[]): string {
  const runs: string[] = [];
  for (let i = 0; i < indexes.length;) {
    const first = indexes[i] ?? 0;
    let last = first;
    while (indexes[++i] === last + 1) last++;
    runs.push(first === last ? String(first) : `${String(first)}-${String(last)}`);
  }
  return runs.join(",");
}

/** The inverse of {@link formatKeep}. */
export function parseKeep(text: string): Set<number> {
  const kept = new Set<number>();
  for (const run of text.split(",").filter((part) => part !== "")) {
    const [first = Number.NaN, last = first] = run.split("-").map(Number);
    if (!(first <= last)) throw new Error(`--keep: "${run}" is no range`);
    for (let index = first; index <= last; index++) kept.add(index);
  }
  return kept;
}
