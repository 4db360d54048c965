import { describe, expect, test } from "vitest";
import { countEnd, countsIn } from "../src/run-suite.ts";
import { rowsWithoutHost, tableLines } from "../src/table.ts";

describe("a program's sum", () => {
  test("is its last", () => {
    const output =
      "1 passed, 2 failed, 3 skipped\nmore\r\n4 passed, 0 failed, 6 skipped\r\n\nend\n";
    expect(countsIn(output)).toEqual({ passed: 4, failed: 0, skipped: 6 });
  });

  test("is a failure when it is not there", () => {
    expect(countsIn("all is well\n")).toEqual({ passed: 0, failed: 1, skipped: 0 });
  });
});

describe("a program that counts nothing", () => {
  test("passes when its last line begins as it should", () => {
    expect(countEnd("step\n\ndemo: ok (12 checks)\r\n", "demo: ok").passed).toBe(1);
  });

  test("fails when it says something else after that, or nothing", () => {
    expect(countEnd("demo: ok\nError: late\n", "demo: ok").failed).toBe(1);
    expect(countEnd("", "demo: ok").failed).toBe(1);
  });
});

describe("the table", () => {
  test("has one row a suite, whatever the repeats, and ends with the sum", () => {
    const row = { name: "core", passed: 5, failed: 0, skipped: 1, seconds: 2 };
    const lines = tableLines([row, { ...row, name: "demo" }, { ...row, failed: 1, seconds: 4 }]);
    expect(lines.map((line) => line.replaceAll(/ +/g, " "))).toEqual([
      "suite runs passed failed skipped s a run",
      "core 2 10 1 2 3.0",
      "demo 1 5 0 1 2.0",
      "15 passed, 1 failed, 3 skipped",
    ]);
  });

  test("of a system that cannot run anything is all skipped, unless that is demanded", () => {
    const sumOf = (isDemanded: boolean): string | undefined =>
      tableLines(rowsWithoutHost([{ name: "core" }, { name: "demo" }], isDemanded)).at(-1);
    expect(sumOf(false)).toBe("0 passed, 0 failed, 2 skipped");
    expect(sumOf(true)).toBe("0 passed, 2 failed, 0 skipped");
  });
});
