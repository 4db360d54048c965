/**
 * The simulator as a test: many seeds pass, a seed is repeatable, and what is broken on purpose is noticed.
 */
import { describe, expect, it } from "vitest";
import { runSeed, runStory } from "../src/run.ts";
import { SABOTAGES } from "../src/sabotage.ts";
import { pickSteps, shrink } from "../src/shrink.ts";
import { describeStep, formatKeep, parseKeep, type Setting } from "../src/story.ts";

const DEFAULTS: Setting = { seed: 1, steps: 300, nodes: null, brokers: null, sabotage: null };
const MINUTES_MS = 240_000;

/** Runs `count` seeds from `first`; what failed, in words that say how to see it again. */
function failuresOf(setting: Setting, count: number): string[] {
  const failures: string[] = [];
  for (let seed = setting.seed; seed < setting.seed + count; seed++) {
    const { violation } = runSeed({ ...setting, seed });
    if (violation) failures.push(`--seed ${seed} --steps ${setting.steps}: ${violation.message}`);
  }
  return failures;
}

describe("random work on random networks", () => {
  it(
    "keeps every promise (300 seeds, 2 to 12 nodes)",
    () => {
      expect(failuresOf(DEFAULTS, 300)).toEqual([]);
    },
    MINUTES_MS,
  );

  it(
    "keeps every promise over long stories (10 seeds, 8 nodes)",
    () => {
      expect(failuresOf({ ...DEFAULTS, seed: 5000, steps: 2000, nodes: 8 }, 10)).toEqual([]);
    },
    MINUTES_MS,
  );

  it("works on networks of every size", () => {
    const sizes = new Set<number>();
    for (let seed = 1; seed <= 200; seed++)
      sizes.add(runSeed({ ...DEFAULTS, seed, steps: 1 }).nodes);
    expect([...sizes].toSorted((a, b) => a - b)).toEqual([2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
  });
});

describe("a run", () => {
  it("is the same when it is repeated, by seed and by its story", () => {
    for (let seed = 1; seed <= 12; seed++) {
      const setting = { ...DEFAULTS, seed };
      const once = runSeed(setting);
      const again = runSeed(setting);
      expect(again.hash).toBe(once.hash);
      expect(again.story.map(describeStep)).toEqual(once.story.map(describeStep));
      expect(runStory(setting, once.story).hash).toBe(once.hash);
    }
  });

  it("differs from that of another seed", () => {
    expect(runSeed({ ...DEFAULTS, seed: 2 }).hash).not.toBe(runSeed(DEFAULTS).hash);
  });
});

describe("sabotage", () => {
  it.each(Object.entries(SABOTAGES))(
    "%s is noticed for the right reason",
    (sabotage, { reason, consequences }) => {
      const found = new Set<string>();
      for (let seed = 1; seed <= 60; seed++) {
        const { violation } = runSeed({ ...DEFAULTS, seed, sabotage });
        if (violation) found.add(violation.reason);
      }
      expect(found).toContain(reason);
      found.delete(reason);
      expect([...found].filter((other) => !consequences.some((known) => known === other))).toEqual(
        [],
      );
    },
    MINUTES_MS,
  );

  it("stops with the options when there is no such mode", () => {
    expect(() => runSeed({ ...DEFAULTS, sabotage: "nothing" })).toThrow("--sabotage");
  });
});

describe("shrinking", () => {
  it("finds a shorter story that fails for the same reason", () => {
    const setting = firstFailing("swallow-closed");
    const { story, violation } = runSeed(setting);
    const reason = violation?.reason ?? "threw";
    const shrunk = shrink(setting, story, reason);
    expect(shrunk.story.length).toBeLessThan(Math.min(20, story.length));
    expect(runStory(setting, shrunk.story).violation?.reason).toBe(reason);
    const kept = parseKeep(formatKeep(shrunk.kept));
    expect(pickSteps(story, kept).map(describeStep)).toEqual(shrunk.story.map(describeStep));
  });

  it("leaves no step that could be left out", () => {
    const setting = firstFailing("flip-byte");
    const { story } = runSeed(setting);
    const { story: shortest } = shrink(setting, story, "corrupt");
    for (const index of shortest.keys()) {
      const shorter = shortest.toSpliced(index, 1);
      expect(runStory(setting, shorter).violation?.reason).not.toBe("corrupt");
    }
  });
});

describe("lists of steps", () => {
  it("are written as ranges and read back", () => {
    expect(formatKeep([0, 1, 2, 5, 7, 8])).toBe("0-2,5,7-8");
    expect([...parseKeep("0-2,5,7-8")]).toEqual([0, 1, 2, 5, 7, 8]);
    expect(() => parseKeep("3-x")).toThrow("--keep");
  });
});

function firstFailing(sabotage: string): Setting {
  for (let seed = 1; seed <= 60; seed++) {
    const setting = { ...DEFAULTS, seed, sabotage };
    if (runSeed(setting).violation) return setting;
  }
  throw new Error(`no seed fails with ${sabotage}`);
}
