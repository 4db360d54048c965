import { expect, it } from "vitest";
import { checkCoverage } from "../../src/covered/check-coverage.ts";
import { checkList } from "../../src/covered/list.ts";
import { type FileCoverage, uncoveredLines } from "../../src/covered/report.ts";
import { repositoryOfTexts } from "../../src/repository.ts";

const path = "packages/core/src/a.ts";
const code = ["if (x) {", "  no();", "}", "yes();"].join("\n");
const base = "packages/driver-base/src/b.ts";
const row = "- `core/a.ts`: `if (x) {` Nothing can get there.\n";

function at(first: number, last = first) {
  return { start: { line: first, column: 0 }, end: { line: last, column: 9 } };
}

/** The code above with an if that is or is not entered, and as many covered lines after it as are wanted. */
function coverage(entered: number, after = 60): FileCoverage {
  const lines = Array.from({ length: after }, (_, index) => index + 4);
  return {
    statementMap: { a: at(1, 3), b: at(2), ...Object.fromEntries(lines.map((n) => [n, at(n)])) },
    s: { a: 1, b: entered, ...Object.fromEntries(lines.map((n) => [n, 1])) },
    branchMap: {
      a: { loc: at(1, 3), locations: [at(1, 3), { start: {}, end: {} }] },
      b: { loc: at(4), locations: Array.from({ length: after }, () => at(4)) },
    },
    b: { a: [entered, 1], b: lines.map(() => 1) },
    fnMap: {},
    f: {},
  };
}

/** Of core, and of another package that is covered. */
function reportOf(file: FileCoverage, other: FileCoverage = coverage(1)) {
  return new Map([
    [path, file],
    [base, other],
  ]);
}

function findings(list: string, file: FileCoverage, other?: FileCoverage): string[] {
  const repository = repositoryOfTexts({ "docs/coverage.md": list, [path]: code, [base]: code });
  return checkCoverage(repository, reportOf(file, other)).map(
    (finding) => `${finding.path}:${finding.line}`,
  );
}

it("is content when everything is covered, and when the rest is listed", () => {
  expect(findings("", coverage(1))).toEqual([]);
  expect(findings(row, coverage(0))).toEqual([]);
});

it("finds a place that is not listed, once, by its first line", () => {
  expect(findings("", coverage(0))).toEqual([`${path}:1`]);
  expect(uncoveredLines(coverage(0))).toEqual([1]);
});

it("finds a place in each of the packages", () => {
  expect(findings(row, coverage(0), coverage(0))).toEqual([`${base}:1`]);
  expect(findings(row + row.replace("core/a", "driver-base/b"), coverage(0), coverage(0))).toEqual(
    [],
  );
});

it("finds an else that never happens, though it is not written", () => {
  const file = coverage(1);
  expect(uncoveredLines({ ...file, b: { ...file.b, a: [1, 0] } })).toEqual([1]);
});

it("finds a place that is listed and covered", () => {
  expect(findings(`\n${row}`, coverage(1))).toEqual(["docs/coverage.md:2"]);
});

it("wants a row for each of two places with the same text", () => {
  const file = coverage(0);
  const twice = {
    ...file,
    statementMap: { ...file.statementMap, 4: at(4) },
    s: { ...file.s, 4: 0 },
  };
  const repository = (list: string) =>
    repositoryOfTexts({ "docs/coverage.md": list, [path]: "if (x) {\n\n\nif (x) {" });
  const check = (list: string) => checkCoverage(repository(list), reportOf(twice));
  expect([check(row).length, check(row + row).length]).toEqual([1, 0]);
});

it.each([
  ["lines", { s: { b: 0 } }],
  ["branches", { b: { b: [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1] } }],
])("finds that too few %s are covered, listed or not", (what, changes) => {
  const file = { ...coverage(1, 4), ...changes };
  const repository = repositoryOfTexts({ [path]: code });
  const messages = checkCoverage(repository, reportOf(file)).map((each) => each.message);
  expect(messages.some((message) => message.includes(`% of ${what} are covered`))).toBe(true);
});

it("is not content with a report on other packages", () => {
  const other = new Map([["packages/api/src/a.ts", coverage(1)]]);
  const messages = checkCoverage(repositoryOfTexts({}), other).map((each) => each.message);
  expect(messages).toEqual(["no file of it is in the report", "no file of it is in the report"]);
});

it("finds, without a report, a listed place that is gone", () => {
  const check = (text: string) =>
    checkList(repositoryOfTexts({ "docs/coverage.md": row, [path]: text }));
  expect(check(code)).toEqual([]);
  expect(check("yes();")).toHaveLength(1);
});
