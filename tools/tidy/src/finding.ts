/**
 * What a check found: where, what is wrong, and what to do instead. Findings are printed, and all but warnings fail
 * the run.
 */
export interface Finding {
  /** Path from the repository's root. */
  path: string;
  /** From 1; 0 when the whole file is meant. */
  line: number;
  /** What is wrong and what to do about it, in one sentence or two. */
  message: string;
  /** Printed, but does not fail the run. */
  warning?: boolean;
}

/** One finding as a line that editors and terminals make clickable. */
export function describeFinding({ path, line, message, warning }: Finding): string {
  const place = line > 0 ? `${path}:${line}` : path;
  return `${place}: ${warning === true ? "(warning) " : ""}${message}`;
}
