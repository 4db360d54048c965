/** Tests of the table against one implementation: every public name, listed one by one. */
import { filtered, progressLine } from "./report.ts";
import { runTableCase, tableCases } from "./run-table.ts";
import type { CaseResult } from "./outcome.ts";
import type { TableSubject } from "./table-subject.ts";

export type { CaseResult, Outcome } from "./outcome.ts";
export { reportLines, totalsLine, totalsOf, type Totals } from "./report.ts";
export { runTableCase, tableCases } from "./run-table.ts";
export type { TableCase } from "./table-case.ts";
export type { TableSubject } from "./table-subject.ts";

/** Runs all tests of the table, or those that `filter` names, and answers with how each went. */
export async function tableConformance(
  subject: TableSubject,
  options: { readonly filter?: string | RegExp; readonly log?: (line: string) => void } = {},
): Promise<CaseResult[]> {
  const results: CaseResult[] = [];
  for (const test of filtered(tableCases, options.filter)) {
    // oxlint-disable-next-line no-await-in-loop -- what is left over is counted per test, so one at a time
    const outcome = await runTableCase(test, subject);
    const result: CaseResult = { name: test.name, column: subject.name, ...outcome };
    results.push(result);
    options.log?.(progressLine(result));
  }
  return results;
}
