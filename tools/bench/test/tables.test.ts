import { describe, expect, it } from "vitest";
import { Results } from "../src/conduct/results.ts";
import { FAST_LANE } from "../src/contestants/names.ts";
import type { Figures } from "../src/protocol.ts";
import { allTables, TABLE_IDS } from "../src/tables/index.ts";
import { measurementsFor, rowsOf } from "../src/tables/table.ts";
import { COLUMNS, RATES, resultsOf, TIMES } from "./made-up.ts";

const RESULTS = resultsOf(COLUMNS, {
  ipcz: [{ nanoseconds: 10_000 }, { nanoseconds: 30_000 }],
  other: [{ nanoseconds: 40_000 }],
});

describe("a table", () => {
  it("says how far ipcz is ahead: 2 for half the time, and for twice the rate", () => {
    for (const table of [TIMES, RATES]) {
      const [ours, other] = rowsOf(table, [RESULTS], "ipcz");
      expect(ours?.cells[0]?.ahead).toBeNull();
      expect(other?.cells[0]?.ahead).toBeCloseTo(table === TIMES ? 2 : 8 / 3);
    }
  });

  it("of several runs shows all samples, and the middle one of their ratios", () => {
    const runs = [1, 100, 2].map((factor) =>
      resultsOf(COLUMNS, {
        ipcz: [{ nanoseconds: 1000 * factor }],
        other: [{ nanoseconds: 1000 * factor * (factor === 1 ? 4 : 3) }],
      }),
    );
    const [ours, other] = rowsOf(TIMES, runs, "ipcz");
    expect(ours?.cells[0]?.samples).toEqual([1, 100, 2]);
    expect(other?.cells[0]).toMatchObject({ summary: { median: 6 }, ahead: 3 });
  });

  it("compares nothing with what is not above zero", () => {
    const results = resultsOf(COLUMNS, { ipcz: [{ nanoseconds: 10 }], other: [{ left: -1 }] });
    const table = {
      ...TIMES,
      lines: [{ label: "", value: (f: Figures) => f["nanoseconds"] ?? f["left"] }],
    };
    const [, other] = rowsOf(table, [results], "ipcz");
    expect(other?.cells[0]).toMatchObject({ summary: { median: -1 }, ahead: null });
  });

  it("shows medians and spread in its own unit", () => {
    const [ours] = rowsOf(TIMES, [RESULTS], "ipcz");
    expect(ours?.cells[1]?.summary).toEqual({ median: 20, lowest: 10, highest: 30 });
  });

  it("leaves out who measured nothing of it, and leaves a hole where one figure is missing", () => {
    const results = new Results(["ipcz", "other", "third"]);
    results.add(TIMES.columns[1]?.request ?? { work: "start-up" }, "other", { nanoseconds: 1000 });
    const rows = rowsOf(TIMES, [results], "ipcz");
    expect(rows.map(({ contestant }) => contestant)).toEqual(["other"]);
    expect(rows[0]?.cells[0]).toBeNull();
    expect(rows[0]?.cells[1]?.ahead).toBeNull();
  });

  it("shares a measurement with other tables that need the same", () => {
    const measurements = measurementsFor([TIMES, RATES]);
    expect(measurements.map(({ request }) => request)).toEqual(
      COLUMNS.map(({ request }) => request),
    );
  });

  it("of portals asks only contestants that may have portals, and where it takes minutes one ipcz", () => {
    const names = ["ipcz", FAST_LANE, "net", "from elsewhere"];
    const askedFor = (id: string): string[] => {
      const [first] = measurementsFor(allTables(1).filter((table) => table.id === id));
      return names.filter((name) => first?.mayBeDoneBy(name));
    };
    expect(askedFor("start-up")).toEqual(names);
    expect(askedFor("portals")).toEqual(["ipcz", FAST_LANE, "from elsewhere"]);
    expect(askedFor("pairs-memory")).toEqual(["ipcz", "from elsewhere"]);
  });

  it("has an id of its own", () => {
    expect(new Set(TABLE_IDS).size).toBe(TABLE_IDS.length);
  });
});
