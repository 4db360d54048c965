import { describe, expect, it } from "vitest";
import type { CaseResult } from "../../src/table/outcome.ts";
import { filtered, reportLines, totalsOf } from "../../src/table/report.ts";

function result(name: string, column: string, status: CaseResult["status"]): CaseResult {
  const reason = status === "passed" ? null : "because\nof this";
  return { name, column, status, reason, milliseconds: 1 };
}

const RESULTS = [
  result("A.One", "Sync", "passed"),
  result("A.One", "Async", "failed"),
  result("A.Two", "Sync", "skipped"),
];

describe("reportLines", () => {
  it("shows a row a test, a column an environment, and what failed", () => {
    expect(reportLines(RESULTS)).toEqual([
      "       A    B",
      "A.One  ok   FAIL",
      "A.Two  -",
      "       1/2  0/1",
      "",
      "A  Sync",
      "B  Async",
      "",
      "FAIL A.One/Async: because",
      "1 passed, 1 failed, 1 skipped",
    ]);
  });

  it("counts", () => {
    expect(totalsOf(RESULTS)).toEqual({ passed: 1, failed: 1, skipped: 1 });
  });
});

describe("filtered", () => {
  const all = [{ name: "BoxTest.Peek" }, { name: "TrapTest.DeadPortal" }];

  it("takes everything without a filter", () => {
    expect(filtered(all, undefined)).toEqual(all);
  });

  it("looks for text in any case, or for a pattern", () => {
    expect(filtered(all, "peek")).toEqual([all[0]]);
    expect(filtered(all, /^Trap/)).toEqual([all[1]]);
  });
});
