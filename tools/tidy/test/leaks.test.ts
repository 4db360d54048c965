import { expect, it } from "vitest";
import { checkLeaks } from "../src/leaks.ts";
import { repositoryOfTexts } from "../src/repository.ts";
import { spelt } from "../src/spelt.ts";

function leaks(text: string): string[] {
  return checkLeaks(repositoryOfTexts({ "a.md": text }), "/build/here").map(
    ({ message }) => message,
  );
}

it.each([
  ["a home folder", spelt("/ho", "me/ann/ipcz")],
  ["the folder of this copy", "/build/here/main"],
  ["a registry host", spelt("https://registry.n", "pmjs.org/koffi")],
  ["a folder beside the repository", spelt("../sha", "red/notes.md")],
  ["a folder beside the repository, bare", spelt("../sha", "red")],
])("finds %s", (_what, text) => {
  expect(leaks(`see ${text} for more`)).toHaveLength(1);
});

it.each([
  ["a file whose name starts alike", `import "../shared-ref.ts"`],
  ["a relative path that ends alike", "tools/home/readme and net/build/here/x"],
  ["another host", "https://nodejs.org/api"],
])("does not mind %s", (_what, text) => {
  expect(leaks(text)).toEqual([]);
});
