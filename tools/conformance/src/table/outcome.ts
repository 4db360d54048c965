/**
 * How one test went.
 */

/** `reason` says why it failed or was skipped. */
export interface Outcome {
  readonly status: "passed" | "failed" | "skipped";
  readonly reason: string | null;
  readonly milliseconds: number;
}

/** How one test went in one column of a table. */
export interface CaseResult extends Outcome {
  readonly name: string;
  readonly column: string;
}
