import { expect, it } from "vitest";
import { conformancePage, together } from "../src/conformance-page.ts";
import { scenarios } from "../src/scenario/catalogue.ts";
import { environments, environmentsElsewhere } from "../src/scenario/environments.ts";
import type { CaseResult } from "../src/table/outcome.ts";

const [{ name: story } = { name: "" }] = scenarios;
const tied = "an end is tied";

function result(column: string, changes: Partial<CaseResult> = {}): CaseResult {
  return { name: story, column, status: "passed", reason: null, milliseconds: 1, ...changes };
}

const here = { setting: "here", results: [result("A/One"), result("A/Two"), result("B/One")] };
const there = {
  setting: "there",
  results: [result("C/One"), result("C/Two", { status: "skipped", reason: tied })],
};
const elsewhere = [
  { name: "C", reason: "needs C" },
  { name: "D", reason: "needs D" },
];

it("has a column for each environment of all runs", () => {
  const page = conformancePage(together([here, here, there]), elsewhere);
  expect(page).toContain("\nhere\nthere\n");
  expect(page).toContain("\n| | A | B | C |\n");
});

it("says which environments were not run, and what was skipped, with reasons", () => {
  expect(conformancePage(here, elsewhere)).toContain("- C: needs C\n- D: needs D\n");
  const page = conformancePage(together([here, there]), elsewhere);
  expect(page).not.toContain("needs C");
  expect(page).toContain(`- D: needs D\n- ${story}/C/Two: ${tied}\n`);
});

it("knows environments of every system, none of them twice", () => {
  const names = [...environments(), ...environmentsElsewhere()].map(({ name }) => name);
  expect(names).toEqual(
    expect.arrayContaining(["MemSync", "WorkerThreads", "PosixMojoMultiprocess", "WinOneProcess"]),
  );
  expect(new Set(names).size).toBe(names.length);
});
