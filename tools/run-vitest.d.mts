/** What a run counts. */
export interface Totals {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

/** What the report that vitest has written to `file` counts; zeros when there is none. */
export function readResults(file: string): Totals;
