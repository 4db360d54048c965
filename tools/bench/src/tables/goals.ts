/**
 * What is to be reached, and whether it is. Goals are ratios where they can be: a machine in a bad mood slows all down.
 */
import type { Results } from "../conduct/results.ts";
import { NATIVE_NAME, REFERENCE } from "../contestants/names.ts";
import { median } from "../report/statistics.ts";
import { samplesOf, type Table } from "./table.ts";

export interface Goal {
  readonly text: string;
  readonly bound: "at most" | "at least";
  readonly limit: number;
  readonly unit: string;
  /** Undefined: not all it takes was measured. */
  measure(look: Look): number | undefined;
}

/** The median of a cell, by the places of its column and line in its table. */
export type Look = (
  table: string,
  column: number,
  contestant: string,
  line?: number,
) => number | undefined;

const JSON_SEND = "process.send (json)";
const ADVANCED = "process.send (advanced)";

/** Columns of the tables with these ids. */
const FIRST = 0;
const ONE_MIB = 1;
const HUNDRED_THOUSAND = 1;
const MILLION = 2;

export const GOALS: readonly Goal[] = [
  ratioGoal("round-trip", FIRST, JSON_SEND, "at most", 0.9),
  ratioGoal("round-trip", FIRST, NATIVE_NAME, "at most", 1.3),
  ratioGoal("one-way-rate", FIRST, JSON_SEND, "at least", 8),
  ratioGoal("one-way-rate", FIRST, "net", "at least", 1),
  ratioGoal("one-way-rate", FIRST, NATIVE_NAME, "at least", 4),
  ratioGoal("one-way-bytes", ONE_MIB, ADVANCED, "at least", 3),
  ratioGoal("one-way-bytes", ONE_MIB, "net", "at least", 3),
  ratioGoal("one-way-bytes", ONE_MIB, NATIVE_NAME, "at least", 6),
  {
    text: "round trip of 64 B, route handed over three times against one that never moved",
    bound: "at most",
    limit: 1.05,
    unit: "×",
    measure: (look) =>
      quotient(look("routes", FIRST, REFERENCE, 1), look("routes", FIRST, REFERENCE, 0)),
  },
  {
    text: "round trip of 64 B among 1 000 000 portal pairs, against none",
    bound: "at most",
    limit: 1.2,
    unit: "×",
    measure: (look) =>
      quotient(
        look("pairs-time", MILLION, REFERENCE, 3),
        look("pairs-time", MILLION, REFERENCE, 2),
      ),
  },
  {
    text: "heap of one portal whose peer is elsewhere, 100 000 pairs, larger side",
    bound: "at most",
    limit: 1229,
    unit: " B",
    measure: (look) => {
      const near = look("pairs-memory", HUNDRED_THOUSAND, REFERENCE, 0);
      const far = look("pairs-memory", HUNDRED_THOUSAND, REFERENCE, 1);
      return near === undefined || far === undefined ? undefined : Math.max(near, far);
    },
  },
  {
    text: "portals sent to another process, with the first parcel through each",
    bound: "at least",
    limit: 50_000,
    unit: "/s",
    measure: (look) => look("portals", FIRST, REFERENCE, 3),
  },
  {
    text: "wake-ups of event loops at rest, 10 000 open pairs, 10 s",
    bound: "at most",
    limit: 0,
    unit: "",
    measure: (look) => look("idle", FIRST, REFERENCE, 0),
  },
];

function ratioGoal(
  table: string,
  column: number,
  rival: string,
  bound: Goal["bound"],
  limit: number,
): Goal {
  const what = { "round-trip": "round trip of 64 B", "one-way-rate": "one way, 64 B, messages" };
  const text = what[table as keyof typeof what] ?? "one way, 1 MiB, bytes";
  return {
    text: `${text}: ipcz against ${rival}`,
    bound,
    limit,
    unit: "×",
    measure: (look) => quotient(look(table, column, REFERENCE), look(table, column, rival)),
  };
}

function quotient(above: number | undefined, below: number | undefined): number | undefined {
  return above === undefined || below === undefined ? undefined : above / below;
}

export interface GoalReached {
  readonly goal: Goal;
  /** Of all runs together, and the lowest and highest of single runs; null: not measured. */
  readonly measured: {
    readonly value: number;
    readonly lowest: number;
    readonly highest: number;
  } | null;
  readonly met: boolean;
}

/** `runs` are judged together; each by itself tells how sure that is. */
export function judge(
  tables: readonly Table[],
  runs: readonly Results[],
  joined: Results,
): GoalReached[] {
  return GOALS.map((goal) => {
    const value = goal.measure(lookInto(tables, joined));
    if (value === undefined) return { goal, measured: null, met: false };
    const each = runs.flatMap((run) => goal.measure(lookInto(tables, run)) ?? []);
    const measured = { value, lowest: Math.min(...each), highest: Math.max(...each) };
    return {
      goal,
      measured,
      met: goal.bound === "at most" ? value <= goal.limit : value >= goal.limit,
    };
  });
}

function lookInto(tables: readonly Table[], results: Results): Look {
  return (id, columnIndex, contestant, lineIndex = 0) => {
    const table = tables.find((each) => each.id === id);
    const column = table?.columns[columnIndex];
    const line = table?.lines[lineIndex];
    if (!column || !line) return undefined;
    const samples = samplesOf(results, column, line, contestant);
    return samples.length === 0 ? undefined : median(samples);
  };
}
