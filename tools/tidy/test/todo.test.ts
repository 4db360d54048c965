import { expect, it } from "vitest";
import { repositoryOfTexts } from "../src/repository.ts";
import { spelt } from "../src/spelt.ts";
import { checkTodo } from "../src/todo.ts";

const note = spelt("TO", "DO");
const fix = spelt("FIX", "ME");

function lines(text: string): number[] {
  return checkTodo(repositoryOfTexts({ "a.ts": text })).map(({ line }) => line);
}

it("accepts a note with a kind and an issue", () => {
  expect(lines(`// ${note}(speed, #12): measure again`)).toEqual([]);
});

it.each([
  ["a bare note", `\n// ${note}: later`],
  ["a note without an issue", `\n// ${note}(speed): later`],
  ["the other word", `\n// ${fix}: later`],
  ["a test that shuts out the others", `\nit.${spelt("on", "ly")}("x", () => {});`],
])("finds %s", (_what, text) => {
  expect(lines(text)).toEqual([2]);
});

it("looks at sources only, so that documents may name the words", () => {
  expect(checkTodo(repositoryOfTexts({ "STYLE.md": `no ${fix}` }))).toEqual([]);
});
