/**
 * Tests that are known to fail, each with its reason. The list may only shrink: a listed test that passes is an error,
 * so that a line cannot outlive the fault it excuses.
 */
import type { CaseResult } from "./table/outcome.ts";

export interface KnownFailure {
  /** The test's name. */
  readonly name: string;
  /** The column it fails in; null: in every one. */
  readonly column: string | null;
  readonly reason: string;
}

export const knownFailures: readonly KnownFailure[] = [];

/** Failures on the list become skipped, with their reason; passes on the list become failures. */
export function judge(
  results: readonly CaseResult[],
  known: readonly KnownFailure[],
): CaseResult[] {
  return results.map((result) => {
    const listed = known.find(
      ({ name, column }) => name === result.name && (column === null || column === result.column),
    );
    if (!listed || result.status === "skipped") return result;
    if (result.status === "failed")
      return { ...result, status: "skipped", reason: `known failure: ${listed.reason}` };
    const reason = "passes, but is listed as a known failure; remove it from known-failures.ts";
    return { ...result, status: "failed", reason };
  });
}
