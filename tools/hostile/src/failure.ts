/** One harm done. */
export interface Failure {
  /** The number of the attack, by which it can be repeated; -1: none of them alone. */
  readonly attack: number;
  readonly what: string;
}

/** What was thrown, as a failure. */
export function failureOf(attack: number, error: unknown, where = ""): Failure {
  const what = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return { attack, what: where === "" ? what : `${where}: ${what}` };
}
