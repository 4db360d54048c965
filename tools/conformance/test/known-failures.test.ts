import { describe, expect, it } from "vitest";
import { judge } from "../src/known-failures.ts";
import type { CaseResult } from "../src/table/outcome.ts";

function result(name: string, status: CaseResult["status"]): CaseResult {
  return { name, column: "MemSync", status, reason: null, milliseconds: 1 };
}

describe("the list of known failures", () => {
  const known = [{ name: "Listed", column: null, reason: "the reason" }];

  it("turns a listed failure into a skipped test that tells the reason", () => {
    const [judged] = judge([result("Listed", "failed")], known);
    expect(judged?.status).toBe("skipped");
    expect(judged?.reason).toContain("the reason");
  });

  it("turns a listed test that passes into a failure", () => {
    expect(judge([result("Listed", "passed")], known)[0]?.status).toBe("failed");
  });

  it("leaves every other test as it is", () => {
    const others = [result("Other", "failed"), result("Another", "passed")];
    expect(judge(others, known)).toEqual(others);
  });

  it("excuses a failure only in the column it names", () => {
    const elsewhere = [{ name: "Listed", column: "MemAsync", reason: "the reason" }];
    expect(judge([result("Listed", "failed")], elsewhere)[0]?.status).toBe("failed");
  });
});
