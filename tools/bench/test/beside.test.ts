// Comparisons in one process: who has a turn when, and what the tables say.
import { isDeepStrictEqual } from "node:util";
import { describe, expect, it } from "vitest";
import { type Comparison, comparisonJson, comparisonText } from "../src/beside/report.ts";
import { takeTurns } from "../src/beside/take-turns.ts";
import { CLONERS } from "../src/clone/contestants.ts";
import { SAMPLES } from "../src/clone/values.ts";
import { SETTING } from "./made-up.ts";

const COMPARISON: Comparison = {
  title: "Ways",
  unit: "µs",
  better: "lower",
  outcomes: [
    {
      label: "long",
      samples: new Map([
        ["known", [10, 20, 40]],
        ["new", [5, 40, 10]],
      ]),
    },
  ],
};

describe("turns", () => {
  it("go round after round, and the first rounds do not count", async () => {
    const turns: string[] = [];
    const contestant = (name: string) => () => turns.push(name);
    const outcome = await takeTurns(
      { label: "both", contestants: new Map(["a", "b"].map((name) => [name, contestant(name)])) },
      3,
    );
    expect(turns.join("")).toBe("abababab");
    expect(Object.fromEntries(outcome.samples)).toEqual({ a: [3, 5, 7], b: [4, 6, 8] });
  });
});

describe("a comparison", () => {
  it("says how many times the first contestant's figure the others have, by rounds", () => {
    const text = comparisonText(COMPARISON, SETTING);
    expect(text).toContain("### Ways (µs; less is better)");
    expect(text.split("\n").at(-1)?.replaceAll(/ +/g, " ")).toBe(
      "| long | 20.0 (10.0–40.0) | **0.500×** 10.0 (5.00–40.0) |",
    );
  });

  it("is JSON with all samples", () => {
    expect(JSON.parse(comparisonJson(COMPARISON, SETTING))).toMatchObject({
      setting: SETTING,
      reference: "known",
      cases: [{ label: "long", samples: { new: [5, 40, 10] }, ratios: { known: 1, new: 0.5 } }],
    });
  });
});

describe.each([...CLONERS])("what %s writes", (_name, open) => {
  it("is what it reads, in order", () => {
    const cloner = open();
    for (const { value } of SAMPLES) cloner.write(value);
    const changed = SAMPLES.filter(({ value }) => !isDeepStrictEqual(cloner.read(), value));
    expect(changed.map(({ label }) => label)).toEqual([]);
    cloner.close();
  });
});
