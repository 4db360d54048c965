/**
 * Memory in use by this process, after garbage was given back as far as the engine lets it.
 */
import { readFileSync } from "node:fs";
import process from "node:process";
import { setTimeout } from "node:timers/promises";

/** Bytes. */
export interface Memory {
  /** The JavaScript heap. */
  readonly heap: number;
  /** Resident and not shared: heap, buffers, native memory. */
  readonly private: number;
  /** Mapped and shared with other processes, resident or not. */
  readonly shared: number;
}

/** Freed pages go back to the system on another thread: wait for it so long, so many times at most. */
const PAUSE_MS = 50;
const TRIES_MAX = 10;

/** Collects, and waits while private memory still shrinks by more than a hundredth. Needs `--expose-gc`. */
export async function settledMemory(): Promise<Memory> {
  let previous = Number.POSITIVE_INFINITY;
  for (let tries = 0; tries < TRIES_MAX; tries++) {
    await collect();
    const resident = privateBytes();
    if (resident > previous * 0.99) break;
    previous = resident;
    await setTimeout(PAUSE_MS);
  }
  return { heap: process.memoryUsage().heapUsed, private: privateBytes(), shared: sharedBytes() };
}

async function collect(): Promise<void> {
  if (!globalThis.gc) throw new Error("start with --expose-gc");
  await globalThis.gc({ type: "major", execution: "async", flavor: "last-resort" });
}

function privateBytes(): number {
  const status = readFileSync("/proc/self/status", "utf8");
  return Number(/^RssAnon:\s+(\d+) kB/m.exec(status)?.[1] ?? Number.NaN) * 1024;
}

/** The sizes of all mappings of memory files. */
function sharedBytes(): number {
  let bytes = 0;
  for (const line of readFileSync("/proc/self/maps", "utf8").split("\n")) {
    const [, start = "", end = ""] = /^([\da-f]+)-([\da-f]+) .*\/memfd:/.exec(line) ?? [];
    if (start !== "") bytes += Number.parseInt(end, 16) - Number.parseInt(start, 16);
  }
  return bytes;
}
