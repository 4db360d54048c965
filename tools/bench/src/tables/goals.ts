/**
 * What is to be reached, and whether it is. Goals are ratios where they can be: a machine in a bad mood slows all down.
 */
import type { Results } from "../conduct/results.ts";
import { FAST_LANE, NATIVE_NAME, REFERENCE, SPINNING } from "../contestants/names.ts";
import { median, summarise, type Summary } from "../report/statistics.ts";
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

/** Columns. */
const FIRST = 0;
const HUNDRED_THOUSAND = 1;
const MILLION = 2;

const ROUND_TRIP = { text: "round trip of 64 B", table: "round-trip", column: 0 };
const MESSAGES = { text: "one way, 64 B, messages", table: "one-way-rate", column: 0 };
const BYTES = { text: "one way, 1 MiB, bytes", table: "one-way-bytes", column: 1 };

export const GOALS: readonly Goal[] = [
  ratioGoal(ROUND_TRIP, REFERENCE, JSON_SEND, "at most", 0.9),
  ratioGoal(ROUND_TRIP, REFERENCE, NATIVE_NAME, "at most", 1.3),
  ratioGoal(ROUND_TRIP, FAST_LANE, NATIVE_NAME, "at most", 0.85),
  ratioGoal(ROUND_TRIP, SPINNING, NATIVE_NAME, "at most", 0.4),
  ratioGoal(MESSAGES, REFERENCE, JSON_SEND, "at least", 8),
  ratioGoal(MESSAGES, REFERENCE, "net", "at least", 1),
  ratioGoal(MESSAGES, REFERENCE, NATIVE_NAME, "at least", 4),
  ratioGoal(MESSAGES, FAST_LANE, NATIVE_NAME, "at least", 8),
  ratioGoal(BYTES, REFERENCE, ADVANCED, "at least", 3),
  ratioGoal(BYTES, REFERENCE, "net", "at least", 3),
  ratioGoal(BYTES, REFERENCE, NATIVE_NAME, "at least", 6),
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

interface Work {
  readonly text: string;
  readonly table: string;
  readonly column: number;
}

function ratioGoal(
  { text, table, column }: Work,
  ours: string,
  rival: string,
  bound: Goal["bound"],
  limit: number,
): Goal {
  return {
    text: `${text}: ${ours} against ${rival}`,
    bound,
    limit,
    unit: "×",
    measure: (look) => quotient(look(table, column, ours), look(table, column, rival)),
  };
}

function quotient(above: number | undefined, below: number | undefined): number | undefined {
  return above === undefined || below === undefined ? undefined : above / below;
}

export interface GoalReached {
  readonly goal: Goal;
  /** What single runs say: the middle one, and how far they differ. Null: none measured it. */
  readonly measured: Summary | null;
  readonly met: boolean;
}

export function judge(tables: readonly Table[], runs: readonly Results[]): GoalReached[] {
  return GOALS.map((goal) => {
    const { bound, limit } = goal;
    const measured = summarise(runs.flatMap((run) => goal.measure(lookInto(tables, run)) ?? []));
    if (!measured) return { goal, measured, met: false };
    const met = bound === "at most" ? measured.median <= limit : measured.median >= limit;
    return { goal, measured, met };
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
