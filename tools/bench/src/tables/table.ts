/**
 * A table: rows of contestants, columns of requests, and how a figure of an answer becomes the number shown.
 */
import type { Results } from "../conduct/results.ts";
import { OUR_NAMES, REFERENCE, RIVAL_NAMES } from "../contestants/names.ts";
import type { Figures, Request } from "../protocol.ts";
import { median, type Summary, summarise } from "../report/statistics.ts";

export interface Table {
  readonly id: string;
  readonly title: string;
  /** One or two sentences on what was done. */
  readonly about: string;
  readonly unit: string;
  /** "lower" for times, "higher" for rates. */
  readonly better: "lower" | "higher";
  readonly columns: readonly Column[];
  /** What is shown of each contestant. */
  readonly lines: readonly Line[];
  /**
   * Who is asked: everybody; all that may have portals; or, since it takes minutes, of all variants of ipcz only the
   * first.
   */
  readonly doneBy: "everybody" | "portals" | "one ipcz";
}

export interface Column {
  readonly label: string;
  readonly request: Request;
  /** Most rounds, for what takes long. */
  readonly roundsMax?: number;
}

export interface Line {
  /** Empty when there is one line. */
  readonly label: string;
  value(figures: Figures, request: Request): number | undefined;
}

/** One thing to measure, which may serve several tables. */
export interface Measurement {
  readonly request: Request;
  readonly label: string;
  /** Every round begins with new processes: what it leaves behind would change the next. */
  readonly freshProcesses: boolean;
  readonly roundsMax: number | null;
  readonly mayBeDoneBy: (contestant: string) => boolean;
}

/** What must be measured for these tables, once each. Contestants of unknown names may have portals. */
export function measurementsFor(tables: readonly Table[]): Measurement[] {
  const byRequest = new Map<string, Measurement>();
  for (const { title, columns, doneBy } of tables)
    for (const { label, request, roundsMax = null } of columns) {
      const key = JSON.stringify(request);
      if (byRequest.has(key)) continue;
      byRequest.set(key, {
        request,
        label: `${title}: ${label}`,
        freshProcesses: request.work === "pairs" || request.work === "idle",
        roundsMax,
        mayBeDoneBy: (name) => isAsked(name, doneBy),
      });
    }
  return [...byRequest.values()];
}

function isAsked(name: string, doneBy: Table["doneBy"]): boolean {
  if (doneBy === "everybody") return true;
  const isVariant = name !== REFERENCE && OUR_NAMES.includes(name);
  return !RIVAL_NAMES.some((each) => each === name) && !(isVariant && doneBy === "one ipcz");
}

/** The samples of one cell, round by round. */
export function samplesOf(
  results: Results,
  column: Column,
  line: Line,
  contestant: string,
): number[] {
  const samples: number[] = [];
  for (const figures of results.of(column.request, contestant)) {
    const value = line.value(figures, column.request);
    if (value !== undefined) samples.push(value);
  }
  return samples;
}

export interface Cell {
  readonly summary: Summary;
  readonly samples: readonly number[];
  /** How far ipcz is ahead: 2 means half the time, or twice the rate. Null for ipcz itself, and beside nothing. */
  readonly ahead: number | null;
}

export interface Row {
  readonly contestant: string;
  readonly line: Line;
  /** One for each column; null: not measured. */
  readonly cells: readonly (Cell | null)[];
}

/**
 * Rows line by line; those without any cell are left out. Samples are those of all runs; how far the reference contestant
 * is ahead is the median of what single runs say, since the machine may be another one an hour later.
 */
export function rowsOf(table: Table, runs: readonly Results[], reference: string): Row[] {
  const rows: Row[] = [];
  for (const line of table.lines)
    for (const contestant of runs[0]?.contestants ?? []) {
      const cells = table.columns.map((column): Cell | null => {
        const samples = runs.flatMap((run) => samplesOf(run, column, line, contestant));
        const summary = summarise(samples);
        if (!summary) return null;
        if (contestant === reference) return { summary, samples, ahead: null };
        const each = runs.flatMap((run) => {
          const ours = median(samplesOf(run, column, line, reference));
          return (
            advantage(table.better, ours, median(samplesOf(run, column, line, contestant))) ?? []
          );
        });
        return { summary, samples, ahead: each.length === 0 ? null : median(each) };
      });
      if (cells.some((cell) => cell !== null)) rows.push({ contestant, line, cells });
    }
  return rows;
}

/** Of two medians; null unless both are above zero. */
function advantage(better: Table["better"], ours: number, other: number): number | null {
  if (!(ours > 0 && other > 0)) return null;
  return better === "lower" ? other / ours : ours / other;
}
