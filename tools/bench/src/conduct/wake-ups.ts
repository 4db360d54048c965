/**
 * How often processes that should rest were woken, from the system's own count: a thread that waits gives up its processor,
 * which is a voluntary switch.
 */
import { readdirSync, readFileSync } from "node:fs";
import { setTimeout } from "node:timers/promises";
import type { Figures } from "../protocol.ts";

/** The processes count as at rest when nothing happened for so long; sooner or later they must be. */
const QUIET_MS = 2000;
const QUIET_TRIES_MAX = 15;

/**
 * Wake-ups in `seconds` of all `pids` together: `loops` of their main threads, where the event loops run, `threads` of all
 * their threads.
 */
export async function countWakeUps(pids: readonly number[], seconds: number): Promise<Figures> {
  const quietMs = Math.min(QUIET_MS, seconds * 200);
  let before = switches(pids);
  for (let tries = 0; tries < QUIET_TRIES_MAX; tries++) {
    await setTimeout(quietMs);
    const now = switches(pids);
    const isQuiet = now.threads === before.threads;
    before = now;
    if (isQuiet) break;
  }
  await setTimeout(seconds * 1000);
  const after = switches(pids);
  return { loops: after.loops - before.loops, threads: after.threads - before.threads };
}

interface Switches {
  loops: number;
  threads: number;
}

function switches(pids: readonly number[]): Switches {
  const sum = { loops: 0, threads: 0 };
  for (const pid of pids)
    for (const thread of readdirSync(`/proc/${pid}/task`)) {
      const count = switchesOf(`/proc/${pid}/task/${thread}/status`);
      sum.threads += count;
      if (thread === String(pid)) sum.loops += count;
    }
  return sum;
}

/** 0 for a thread that has just ended. */
function switchesOf(path: string): number {
  try {
    return Number(/^voluntary_ctxt_switches:\s+(\d+)/m.exec(readFileSync(path, "utf8"))?.[1]);
  } catch {
    return 0;
  }
}
