/**
 * A value of one kind, and where this package differs from Node's own channel between threads, with the reason.
 */
import process from "node:process";

export const nodeMajor = Number(process.versions.node.split(".")[0]);

export interface CloneCase {
  readonly name: string;
  readonly make: () => unknown;
  /** Set where `MessageChannel` answers otherwise; the words are those of the table in `docs/clone.md`. */
  readonly differs?: Difference;
}

export interface Difference {
  /** First words of the row in the table. */
  readonly row: string;
  /** What arrives here instead: a value like this one, or an error at the sender. */
  readonly ours: (() => unknown) | "DataCloneError";
}
