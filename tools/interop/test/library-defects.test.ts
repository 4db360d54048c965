import { scenarios } from "@ipcz/conformance/scenario";
import type { CaseResult } from "@ipcz/conformance/table";
import { describe, expect, it } from "vitest";
import { defectiveScenarios, judged, stallsByDefect } from "../src/library-defects.ts";

const STALLED = "stalled: no end after 2 s";

function result(
  name: string,
  column: string,
  status: CaseResult["status"],
  reason = STALLED,
): CaseResult {
  return { name, column, status, reason: status === "failed" ? reason : null, milliseconds: 1 };
}

const merge = "MergePortalsTest.MergeWithClosedLocalPeerAsSecond";

describe("defects of the library", () => {
  it("excuse a failure where the library's node does it, and tell why", () => {
    const { status, reason } = judged(result(merge, "C-broker/Default", "failed"));
    expect(status).toBe("skipped");
    expect(reason).toContain("known defect of the library: after a merge");
  });

  it("excuse nothing where our node does it, and no other scenario", () => {
    expect(judged(result(merge, "TS-broker/Default", "failed")).status).toBe("failed");
    expect(judged(result("BoxTest.Peek", "C-broker/Default", "failed")).status).toBe("failed");
    const otherOrder = merge.replace("AsSecond", "");
    expect(judged(result(otherOrder, "C-broker/Default", "failed")).status).toBe("failed");
  });

  it("excuse no failure that looks different", () => {
    const leftOver = result(merge, "C-broker/Default", "failed", "left over: descriptor 1");
    expect(judged(leftOver).status).toBe("failed");
    const early = "ClosureTest.ClosedBeforeTheHandshakeEnds";
    const stalled = result(early, "TS-broker/Default", "failed");
    expect(judged(stalled).status).toBe("failed");
    expect(judged({ ...leftOver, name: early, column: "TS-broker/MemV2" }).status).toBe("skipped");
  });

  it("name scenarios that exist", () => {
    const names = scenarios.map(({ name }) => name);
    expect(defectiveScenarios.filter((name) => !names.includes(name))).toEqual([]);
  });

  it("leave what passes alone", () => {
    expect(judged(result(merge, "C-broker/Default", "passed")).status).toBe("passed");
  });

  it("say which scenarios will stall", () => {
    expect(stallsByDefect(merge, "all-C")).toBe(true);
    expect(stallsByDefect(merge, "TS-broker")).toBe(false);
    expect(stallsByDefect("ClosureTest.ClosedBeforeTheHandshakeEnds", "all-C")).toBe(false);
  });
});
