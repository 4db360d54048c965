/** Waiting for what another process or the system does: turns of the event loop until it is there. */
import process from "node:process";
import { must } from "./calls.ts";

/** Lets everything else have its turn. */
export function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** Turns that follow each other at once; those after leave the processor to whoever is waited for. */
const EAGER_TURNS = 300;
/** What has not happened by then does not happen; under Wine a process takes ten times as long to start. */
const GIVE_UP_MS = process.platform === "win32" ? 240_000 : 40_000;

/** Turns until `condition` holds; it is harm, and `what` says which, when it never does. */
export async function until(
  condition: () => boolean,
  what: string | (() => string),
): Promise<void> {
  const end = Date.now() + GIVE_UP_MS;
  for (let i = 0; !condition(); i++) {
    if (i > EAGER_TURNS) await new Promise((resolve) => setTimeout(resolve, 1));
    else await turn();
    must(Date.now() < end, typeof what === "string" ? what : what());
  }
}
