/**
 * The shortest story that still fails for the same reason: steps are left out, halves first, single ones last.
 */
import { runStory } from "./run.ts";
import type { Setting, Step } from "./story.ts";
import type { Reason } from "./violation.ts";

/** A story that fails, and which steps of the whole one it keeps. */
export interface Shrunk {
  readonly kept: readonly number[];
  readonly story: readonly Step[];
  /** Runs that it took. */
  readonly runs: number;
}

/** Leaves out steps of `story`, which fails for `reason`, in at most `runsMax` runs. */
export function shrink(
  setting: Setting,
  story: readonly Step[],
  reason: Reason,
  runsMax = 1500,
): Shrunk {
  let runs = 0;
  const fails = (indexes: readonly number[]): boolean => {
    runs++;
    return runStory(setting, pickSteps(story, indexes)).violation?.reason === reason;
  };
  let kept = [...story.keys()];
  for (let size = Math.ceil(kept.length / 2); ;) {
    const before = kept.length;
    for (let from = before - size; from > -size; from -= size) {
      const rest = kept.toSpliced(Math.max(0, from), Math.min(size, from + size));
      if (runs < runsMax && fails(rest)) kept = rest;
    }
    if (runs >= runsMax || (kept.length === before && size === 1)) break;
    if (kept.length === before) size = Math.ceil(size / 2);
    size = Math.max(1, Math.min(size, kept.length));
  }
  return { kept, story: pickSteps(story, kept), runs };
}

/** The steps of these indexes. */
export function pickSteps(story: readonly Step[], indexes: Iterable<number>): Step[] {
  const picked: Step[] = [];
  for (const index of indexes) {
    const step = story[index];
    if (step) picked.push(step);
  }
  return picked;
}
