import { describe, expect, it } from "vitest";
import { Results } from "../src/conduct/results.ts";
import { FAST_LANE, SPINNING } from "../src/contestants/names.ts";
import { GOALS, judge, type GoalReached } from "../src/tables/goals.ts";
import { allTables } from "../src/tables/index.ts";

const TABLES = allTables(1);

/** Times in nanoseconds for the first column of round trips. */
function runWith(times: Readonly<Record<string, number>>): Results {
  const results = new Results(Object.keys(times));
  const request = TABLES.find(({ id }) => id === "round-trip")?.columns[0]?.request;
  if (!request) throw new Error("no such table");
  for (const [name, nanoseconds] of Object.entries(times))
    results.add(request, name, { nanoseconds });
  return results;
}

function roundTripGoal(runs: readonly Results[]): GoalReached | undefined {
  return judge(TABLES, runs).find(({ goal }) =>
    goal.text.startsWith("round trip of 64 B: ipcz against process.send (json)"),
  );
}

describe("a goal", () => {
  it("is met at its bound, and missed past it", () => {
    const atBound = runWith({ ipcz: 90, "process.send (json)": 100 });
    const past = runWith({ ipcz: 91, "process.send (json)": 100 });
    expect(roundTripGoal([atBound])).toMatchObject({
      met: true,
      measured: { median: expect.closeTo(0.9) },
    });
    expect(roundTripGoal([past])).toMatchObject({ met: false });
  });

  it("is judged by the middle one of several runs, and tells how far they differ", () => {
    const runs = [80, 90, 200].map((ipcz) => runWith({ ipcz, "process.send (json)": 100 }));
    expect(roundTripGoal(runs)).toMatchObject({
      met: true,
      measured: { median: expect.closeTo(0.9), lowest: expect.closeTo(0.8), highest: 2 },
    });
  });

  it("is not measured while something it takes is missing", () => {
    const all = judge(TABLES, [runWith({ ipcz: 90 })]);
    expect(all).toHaveLength(GOALS.length);
    for (const { measured, met } of all) expect([measured, met]).toEqual([null, false]);
  });

  it("looks at figures that exist (each measured when everything is)", () => {
    const results = new Results(["ipcz"]);
    const names = new Set<string>(["ipcz", FAST_LANE, SPINNING]);
    for (const { goal } of judge(TABLES, [])) {
      const rival = /against (process\.send \(\w+\)|net|C ipcz)$/.exec(goal.text)?.[1];
      if (rival !== undefined) names.add(rival);
    }
    const figures = new Proxy({}, { get: () => 1 }) as Record<string, number>;
    for (const { columns } of TABLES)
      for (const { request } of columns)
        for (const name of names) results.add(request, name, figures);
    const unmeasured = judge(TABLES, [results]).filter(({ measured }) => !measured);
    expect(unmeasured.map(({ goal }) => goal.text)).toEqual([]);
  });
});
