import { expect, it } from "vitest";
import { anchorsOf, checkLinks } from "../src/links.ts";
import { repositoryOfTexts } from "../src/repository.ts";

function problems(text: string): string[] {
  const repository = repositoryOfTexts({
    "README.md": text,
    "docs/memory.md": "# Shared memory\n\n## Who frees what?\n",
    "packages/core/package.json": "{}",
  });
  return checkLinks(repository).map(({ line, message }) => `${line}: ${message}`);
}

it("accepts files, folders, headings and other sites", () => {
  const text = [
    "# Top",
    "[a](docs/memory.md) [b](docs/memory.md#who-frees-what) [c](packages/core/)",
    "[d](#top) [e](https://example.com/x) [f]: docs/memory.md",
  ].join("\n");
  expect(problems(text)).toEqual([]);
});

it.each([
  [
    "a file that is not there",
    "[a](docs/gone.md)",
    "1: links to docs/gone.md, but there is no docs/gone.md",
  ],
  ["a heading that is not there", "[a](docs/memory.md#gone)", "has no heading #gone"],
  ["a broken definition", "[a]: docs/gone.md", "there is no docs/gone.md"],
])("finds %s", (_what, text, message) => {
  expect(problems(text)).toEqual([expect.stringContaining(message)]);
});

it("leaves code alone", () => {
  expect(problems("`[a](gone.md)`\n\n```\n[b](gone.md)\n```\n")).toEqual([]);
});

it("numbers headings that occur twice", () => {
  expect([...anchorsOf("# Rules\n## Rules\n")]).toEqual(["rules", "rules-1"]);
});
