/**
 * What a process holds of the system, and whether a story has left something over.
 *
 * Linux tells it under /proc, Windows in its table of handles; elsewhere these counters are empty and only those of
 * driver and core remain.
 */
import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import process from "node:process";
import { turn } from "./turns.ts";
import { openHandlesByKind } from "./windows-handles.ts";

/** How much there is of each thing that must be gone after a test, by name. */
export type Counters = Readonly<Record<string, number>>;

/** Open descriptors by kind: `descriptor socket`, `descriptor memfd`, …; on Windows handles: `handle File`, … */
export function openDescriptors(): Counters {
  if (process.platform === "win32") return openHandlesByKind();
  const counts: Record<string, number> = {};
  for (const name of listing("/proc/self/fd")) {
    const target = linkTarget(`/proc/self/fd/${name}`);
    // The listing's own descriptor is closed by now; libuv keeps one of /dev/null in reserve from its first stream on.
    if (target === null || target === "/dev/null") continue;
    const kind = `descriptor ${descriptorKind(target)}`;
    counts[kind] = (counts[kind] ?? 0) + 1;
  }
  return counts;
}

/** Mappings of anonymous memory files. */
export function sharedMappings(): Counters {
  let maps = "";
  try {
    maps = readFileSync("/proc/self/maps", "utf8");
  } catch {
    return {};
  }
  return { "shared mapping": maps.split("\n").filter((line) => line.includes("/memfd:")).length };
}

function listing(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function linkTarget(path: string): string | null {
  try {
    return readlinkSync(path);
  } catch {
    return null;
  }
}

/** `socket:[123]` is a socket, `/memfd:x (deleted)` a memfd, `anon_inode:[eventpoll]` an eventpoll; files stay paths. */
function descriptorKind(target: string): string {
  const memory = /^\/(memfd):/.exec(target);
  if (memory?.[1] !== undefined) return memory[1];
  const anonymous = /^anon_inode:\[?([^\]]+)\]?$/.exec(target);
  if (anonymous?.[1] !== undefined) return anonymous[1];
  const numbered = /^([a-z]+):\[\d+\]$/.exec(target);
  return numbered?.[1] ?? target;
}

/** What `now` has more of than `before`, in words; empty when nothing. */
export function leftOver(before: Counters, now: Counters): string[] {
  const lines: string[] = [];
  for (const [what, count] of Object.entries(now)) {
    const extra = count - (before[what] ?? 0);
    if (extra > 0) lines.push(`${String(extra)} × ${what}`);
  }
  return lines;
}

const SETTLE_TURNS_MAX = 400;
const TURNS_BETWEEN_COLLECTIONS = 20;

/**
 * Waits until nothing is left over compared with `before`, and returns what still is when that does not happen.
 *
 * Memory may stay mapped until the last view of it is collected, so collections are asked for in between.
 */
export async function settle(before: Counters, count: () => Counters): Promise<string[]> {
  const collect = await garbageCollector();
  let extra = leftOver(before, count());
  /* oxlint-disable no-await-in-loop -- each look follows a turn of the loop */
  for (let turns = 1; extra.length > 0 && turns <= SETTLE_TURNS_MAX; turns += 1) {
    if (turns % TURNS_BETWEEN_COLLECTIONS === 0) collect();
    // A descriptor that another process closes, or an exit status, may need a moment more than a turn.
    if (turns > SETTLE_TURNS_MAX / 2) await new Promise((resolve) => setTimeout(resolve, 5));
    else await turn();
    extra = leftOver(before, count());
  }
  /* oxlint-enable no-await-in-loop */
  return extra;
}

let collector: (() => void) | null = null;

/** `gc`, also in a process that was not started with `--expose-gc`. */
async function garbageCollector(): Promise<() => void> {
  if (collector === null) {
    const [{ setFlagsFromString }, { runInNewContext }] = await Promise.all([
      import("node:v8"),
      import("node:vm"),
    ]);
    setFlagsFromString("--expose-gc");
    const found: unknown = runInNewContext("gc");
    collector =
      typeof found === "function" ? () => void Reflect.apply(found, undefined, []) : () => {};
  }
  return collector;
}
