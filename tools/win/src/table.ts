/**
 * How all of it went, one row a suite.
 */
import type { Totals } from "../../run-vitest.mjs";

/** One run of one suite. */
export interface Row extends Totals {
  readonly name: string;
  readonly seconds: number;
}

/** Where nothing can run: every suite counts as skipped, or as failed when it is demanded. */
export function rowsWithoutHost(suites: readonly { name: string }[], isDemanded: boolean): Row[] {
  const counts = isDemanded ? { failed: 1, skipped: 0 } : { failed: 0, skipped: 1 };
  return suites.map(({ name }) => ({ name, passed: 0, ...counts, seconds: 0 }));
}

/** Rows of one suite become one; then their table, and as its last line the sum. */
export function tableLines(rows: readonly Row[]): string[] {
  const names = [...new Set(rows.map(({ name }) => name))];
  const width = Math.max(5, ...names.map(({ length }) => length));
  const line = (name: string, cells: readonly (string | number)[]): string =>
    name.padEnd(width) + cells.map((cell) => String(cell).padStart(9)).join("");
  const body = names.map((name) => {
    const own = rows.filter((row) => row.name === name);
    const { passed, failed, skipped } = sumOf(own);
    const seconds = own.reduce((total, row) => total + row.seconds, 0) / own.length;
    return line(name, [own.length, passed, failed, skipped, seconds.toFixed(1)]);
  });
  const { passed, failed, skipped } = sumOf(rows);
  return [
    line("suite", ["runs", "passed", "failed", "skipped", "s a run"]),
    ...body,
    `${String(passed)} passed, ${String(failed)} failed, ${String(skipped)} skipped`,
  ];
}

function sumOf(rows: readonly Totals[]): Totals {
  const sum = (count: (row: Totals) => number): number =>
    rows.reduce((total, row) => total + count(row), 0);
  return {
    passed: sum((row) => row.passed),
    failed: sum((row) => row.failed),
    skipped: sum((row) => row.skipped),
  };
}
