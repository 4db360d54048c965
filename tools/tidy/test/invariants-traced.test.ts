import { expect, it } from "vitest";
import { checkInvariantsTraced, invariantCount } from "../src/invariants-traced.ts";
import { repositoryOfTexts } from "../src/repository.ts";

const numbers = Array.from({ length: invariantCount }, (_, index) => index + 1);
const asserts = numbers.map((n) => `assert(ok, "I${n}: as it says");`);
const tests = numbers.map((n) => `it("keeps I${n}: as it says", () => {});`);

function messages(asserted: readonly string[], tested: readonly string[]): string[] {
  return checkInvariantsTraced(
    repositoryOfTexts({
      "packages/core/src/routing/a.ts": asserted.join("\n"),
      "packages/core/test/routing/a.test.ts": tested.join("\n"),
    }),
  ).map(({ message }) => message);
}

it("is content when every number is asserted and tested", () => {
  expect(messages(asserts, tests)).toEqual([]);
});

it("names what no assert states", () => {
  expect(messages(asserts.slice(2), tests)).toEqual([expect.stringMatching(/starts with I1, I2 /)]);
});

it("names what no test names; a comment is not enough", () => {
  expect(messages(asserts, [...tests.slice(0, -1), "// I14"])).toEqual([
    expect.stringMatching(/contains I14 /),
  ]);
});

it("reads the names of parameterised tests and of scenarios", () => {
  const others = ['it.each([1])("keeps I1 (%i)", () => {});', "scenario('keeps I2', story);"];
  expect(messages(asserts, [...others, ...tests.slice(2)])).toEqual([]);
});
