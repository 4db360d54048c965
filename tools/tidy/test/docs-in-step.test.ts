import { expect, it } from "vitest";
import { checkDocsInStep } from "../src/docs-in-step.ts";
import { repositoryOfTexts } from "../src/repository.ts";

const repository = repositoryOfTexts({ "docs/a.md": "one\ntwo\n" });

it("is content when the text is what would be written", () => {
  expect(checkDocsInStep(repository, new Map([["docs/a.md", "one\ntwo\n"]]))).toEqual([]);
});

it("points at the first line that differs", () => {
  expect(checkDocsInStep(repository, new Map([["docs/a.md", "one\n2\n"]]))).toEqual([
    expect.objectContaining({ path: "docs/a.md", line: 2 }),
  ]);
});

it("finds a document that was never written", () => {
  expect(checkDocsInStep(repository, new Map([["docs/b.md", "x"]]))).toHaveLength(1);
});
