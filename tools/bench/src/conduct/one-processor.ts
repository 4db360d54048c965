/**
 * All processes of a contestant on one processor: it inherits this from how it is started. Whether another process is
 * woken where it last ran, beside it or on a processor that is asleep can double a round trip, and is decided by nobody
 * who is measured; here it is decided for all.
 */
import { spawnSync } from "node:child_process";
import process from "node:process";

let found: readonly string[] | null | undefined;

/** The words before a command that keep it and what it starts on one processor; null: this system has no such command. */
export function oneProcessor(): readonly string[] | null {
  if (found === undefined) found = askTaskset();
  return found;
}

function askTaskset(): readonly string[] | null {
  const { status, stdout } = spawnSync("taskset", ["-cp", String(process.pid)], {
    encoding: "utf8",
  });
  // Its last word is a list such as 0,2-5: those on which this process may run.
  const first = status === 0 ? /(\d+)[\d,-]*\s*$/.exec(stdout)?.[1] : undefined;
  return first === undefined ? null : ["taskset", "-c", first];
}
