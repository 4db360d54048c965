/**
 * One test of the table.
 */
import type { Stage } from "./stage.ts";
import type { TableSubject } from "./table-subject.ts";

/** A test by its name; it throws to fail. */
export interface TableCase {
  readonly name: string;
  /** Why it cannot be run against a subject; null when it can. */
  readonly skip?: (subject: TableSubject) => string | null;
  readonly run: (stage: Stage, subject: TableSubject) => void;
}
