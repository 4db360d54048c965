/**
 * Results of many cases as a table: one row a test, one column an environment.
 */
import type { CaseResult } from "./outcome.ts";

/** Counts of a set of results. */
export interface Totals {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

/** Counts results. */
export function totalsOf(results: readonly CaseResult[]): Totals {
  const count = (wanted: CaseResult["status"]): number =>
    results.filter(({ status }) => status === wanted).length;
  return { passed: count("passed"), failed: count("failed"), skipped: count("skipped") };
}

const MARKS = { passed: "ok", failed: "FAIL", skipped: "-" } as const;

/** The table, its totals by column, what failed, and the last line with the totals of all. */
export function reportLines(results: readonly CaseResult[]): string[] {
  const columns = [...new Set(results.map(({ column }) => column))];
  const names = [...new Set(results.map(({ name }) => name))];
  const cells = new Map(results.map((result) => [`${result.name}\n${result.column}`, result]));
  const cell = (name: string, column: string): string => {
    const result = cells.get(`${name}\n${column}`);
    return result === undefined ? "" : MARKS[result.status];
  };
  const rows = names.map((name) => [name].concat(columns.map((column) => cell(name, column))));
  const sums = columns.map((column) => {
    const ofColumn = results.filter((result) => result.column === column);
    return `${String(totalsOf(ofColumn).passed)}/${String(ofColumn.length)}`;
  });
  const failures = results.filter(({ status }) => status === "failed");
  return [
    ...aligned([["", ...columns.map((_column, index) => letter(index))], ...rows, ["", ...sums]]),
    "",
    ...columns.map((column, index) => `${letter(index)}  ${column}`),
    "",
    ...failures.map(({ name, column, reason }) => `FAIL ${name}/${column}: ${firstLine(reason)}`),
    totalsLine(totalsOf(results)),
  ];
}

/** The last line of every report. */
export function totalsLine({ passed, failed, skipped }: Totals): string {
  return `${String(passed)} passed, ${String(failed)} failed, ${String(skipped)} skipped`;
}

function firstLine(text: string | null): string {
  return text?.split("\n")[0] ?? "";
}

/** A, B, … Z, AA, …: columns have long names, so the table's head shows letters. */
function letter(index: number): string {
  const last = String.fromCodePoint(65 + (index % 26));
  return index < 26 ? last : letter(Math.floor(index / 26) - 1) + last;
}

function aligned(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_cell, column) =>
    Math.max(...rows.map((row) => row[column]?.length ?? 0)),
  );
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join("  ")
      .trimEnd(),
  );
}

/** One case in one line, or more when it failed. */
export function progressLine({ name, column, status, reason, milliseconds }: CaseResult): string {
  const word = { passed: "ok  ", failed: "FAIL", skipped: "skip" }[status];
  const head = `${word} ${name}/${column} ${String(Math.round(milliseconds))} ms`;
  return reason === null ? head : `${head}\n     ${reason.split("\n").join("\n     ")}`;
}

/** Tests by name: those that `filter` names. */
export function filtered<T extends { readonly name: string }>(
  all: readonly T[],
  filter: string | RegExp | undefined,
): readonly T[] {
  if (filter === undefined) return all;
  const wanted =
    typeof filter === "string"
      ? (name: string): boolean => name.toLowerCase().includes(filter.toLowerCase())
      : (name: string): boolean => filter.test(name);
  return all.filter(({ name }) => wanted(name));
}
