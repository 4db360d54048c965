import type { CaseResult } from "@ipcz/conformance/table";
import { describe, expect, it } from "vitest";
import { campaignOf, type Campaign } from "../src/campaigns.ts";
import { interopPage } from "../src/interop-page.ts";

function result(column: string, status: CaseResult["status"], name = "BoxTest.Peek"): CaseResult {
  const reason = status === "skipped" ? "known defect of the library: it forgets" : null;
  return { name, column, status, reason, milliseconds: 1 };
}

function pageOf(runs: CaseResult[][]): string {
  return interopPage([{ setting: "Somewhere", runs }]);
}

describe("the page", () => {
  it("counts all repeats and both memory layouts", () => {
    const page = pageOf([
      [result("C-broker/Default", "passed"), result("C-broker/MemV2", "failed")],
      [result("C-broker/Default", "passed"), result("all-C/MemV2", "skipped")],
    ]);
    expect(page).toContain("## Somewhere");
    expect(page).toContain(
      "**2 passed, 1 failed, 1 failed by a defect of the library**, in 2 repeats.",
    );
    expect(page).toContain("| BoxTest.Peek | 2/3 | library |");
    expect(page).toContain("- BoxTest.Peek: known defect of the library: it forgets");
  });

  it("says how often the library failed when it did not always", () => {
    const page = pageOf([[result("all-C/Default", "passed"), result("all-C/MemV2", "skipped")]]);
    expect(page).toContain("| BoxTest.Peek | library 1/2 |");
  });

  it("does not hide a failure of ours behind one of the library", () => {
    const page = pageOf([[result("all-C/Default", "failed"), result("all-C/MemV2", "skipped")]]);
    expect(page).toContain("| BoxTest.Peek | 0/2 |");
  });

  it("has a section for each setting", () => {
    const campaigns: Campaign[] = [];
    campaignOf(campaigns, "Here").runs.push([result("all-C/Default", "passed")]);
    campaignOf(campaigns, "There").runs.push([result("all-C/Default", "failed")]);
    campaignOf(campaigns, "Here").runs.push([result("all-C/Default", "passed")]);
    const page = interopPage(campaigns);
    expect(page.match(/^## .*$/gm)).toEqual(["## Here", "## There"]);
    expect(page).toContain("**2 passed, 0 failed, 0 failed by a defect");
  });
});
