/**
 * All processes of a contestant on one processor: it inherits this from how it is started. Whether another process is
 * woken where it last ran, beside it or on a processor that is asleep can double a round trip, and is decided by nobody
 * who is measured; here it is decided for all.
 */
import process from "node:process";
import { firstOf, processorsOf } from "../taskset.ts";

let found: readonly string[] | null | undefined;

/** The words before a command that keep it and what it starts on one processor; null: this system has no such command. */
export function oneProcessor(): readonly string[] | null {
  if (found === undefined) found = askTaskset();
  return found;
}

function askTaskset(): readonly string[] | null {
  const processors = processorsOf(process.pid);
  return processors === null ? null : ["taskset", "-c", firstOf(processors)];
}
