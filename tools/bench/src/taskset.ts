/**
 * Where processes may run, as the command `taskset` tells and sets it; a system without it leaves that to itself.
 */
import { spawnSync } from "node:child_process";

/** On which processors the main thread of process `pid` may run, as a list such as 0,2-5; null: nobody says. */
export function processorsOf(pid: number): string | null {
  const { status, stdout } = spawnSync("taskset", ["-cp", String(pid)], { encoding: "utf8" });
  // The list is its last word.
  return status === 0 ? (/(\d[\d,-]*)\s*$/.exec(stdout)?.[1] ?? null) : null;
}

/** The first of a list. */
export function firstOf(processors: string): string {
  return String(Number.parseInt(processors, 10));
}

/** From now on the main thread of process `pid` runs on those only. */
export function keepOn(pid: number, processors: string): void {
  spawnSync("taskset", ["-cp", processors, String(pid)]);
}
