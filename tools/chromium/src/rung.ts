/**
 * The ladder: what our nodes and Chromium's processes are shown to do together, from the simple to the whole.
 */
import type { Stage } from "./stage.ts";

/** One rung. */
export interface Rung {
  /** "A1". */
  readonly name: string;
  /** What is shown, in a sentence. */
  readonly about: string;
  /** Throws when it does not hold; answers what is worth to be said of this run. */
  run(stage: Stage): Promise<string>;
}
