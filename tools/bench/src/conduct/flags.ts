/**
 * Flags for Node that some work needs: what V8 does on its own account would be counted as the contestant's.
 */
import type { Request } from "../protocol.ts";

/** For all of our contestants: `gc`, to tell garbage from what is in use; and heap for a million portals. */
export const COMMON_FLAGS: readonly string[] = ["--expose-gc", "--max-old-space-size=8192"];

const BY_WORK: Readonly<Partial<Record<Request["work"], readonly string[]>>> = {
  // Room for all that is allocated, so that nothing is collected before it is counted; megabytes.
  allocation: ["--min-semi-space-size=128", "--max-semi-space-size=128"],
  // Measured: a process at rest is woken every 8 s, about four times, to see whether to collect garbage.
  idle: ["--no-memory-reducer"],
};

export function flagsFor({ work }: Request): readonly string[] {
  return [...COMMON_FLAGS, ...(BY_WORK[work] ?? [])];
}

/** For a process that does all kinds of work. */
export function flagsForAll(): readonly string[] {
  return [...COMMON_FLAGS, ...Object.values(BY_WORK).flat()];
}
