import type { CaseResult } from "@ipcz/conformance/table";
import { describe, expect, it } from "vitest";
import { interopPage } from "../src/interop-page.ts";
import { judged } from "../src/library-defects.ts";

function result(name: string, column: string, status: CaseResult["status"]): CaseResult {
  return { name, column, status, reason: status === "failed" ? "stalled" : null, milliseconds: 1 };
}

const merge = "MergePortalsTest.MergeWithClosedLocalPeer";

describe("defects of the library", () => {
  it("excuse a failure where the library's node does it, and tell why", () => {
    const { status, reason } = judged(result(merge, "C-broker/Default", "failed"));
    expect(status).toBe("skipped");
    expect(reason).toContain("known defect of the library: a merge");
  });

  it("excuse nothing where our node does it, and no other scenario", () => {
    expect(judged(result(merge, "TS-broker/Default", "failed")).status).toBe("failed");
    expect(judged(result("BoxTest.Peek", "C-broker/Default", "failed")).status).toBe("failed");
  });

  it("leave what passes alone", () => {
    expect(judged(result(merge, "C-broker/Default", "passed")).status).toBe("passed");
  });
});

describe("the page", () => {
  const runs = [
    [
      result("BoxTest.Peek", "C-broker/Default", "passed"),
      result("BoxTest.Peek", "C-broker/MemV2", "failed"),
      judged(result(merge, "C-broker/Default", "failed")),
    ],
    [result("BoxTest.Peek", "C-broker/Default", "passed")],
  ];

  it("counts all repeats, and shows what failed and what is the library's fault", () => {
    const page = interopPage(runs, "Library: somewhere.");
    expect(page).toContain(
      "**2 passed, 1 failed, 1 fail by a defect of the library**, in 2 repeats.",
    );
    expect(page).toContain("| BoxTest.Peek | 2/3 |");
    expect(page).toContain(`| ${merge} | library |`);
    expect(page).toContain("`library`: known defect of the library: a merge");
  });
});
