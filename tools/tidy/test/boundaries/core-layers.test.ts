import { expect, it } from "vitest";
import { checkCoreLayers } from "../../src/boundaries/core-layers.ts";
import { repositoryOfTexts } from "../../src/repository.ts";

const lower = { "packages/core/src/base/assert.ts": "", "packages/core/src/node/node.ts": "" };

function messages(texts: Record<string, string>): string[] {
  return checkCoreLayers(repositoryOfTexts({ ...lower, ...texts })).map(({ message }) => message);
}

it.each([
  ["a static import", `import { x } from "../node/node.ts";`],
  ["a type-only import", `import type { X } from "../node/node.ts";`],
  ["a dynamic import", `await import("../node/node.ts");`],
])("catches %s of a layer above", (_what, text) => {
  expect(messages({ "packages/core/src/links/a.ts": text })).toEqual([
    expect.stringContaining("links imports ../node/node.ts, which is above it"),
  ]);
});

it("allows the same layer and those below", () => {
  const text = `import "./b.ts"; import type { X } from "../base/assert.ts";`;
  expect(
    messages({ "packages/core/src/links/a.ts": text, "packages/core/src/links/b.ts": "" }),
  ).toEqual([]);
});

it("puts files beside the layers above all of them", () => {
  expect(
    messages({
      "packages/core/src/index.ts": `export * from "./node/node.ts";`,
      "packages/core/src/inspect/a.ts": `import "../index.ts";`,
    }),
  ).toEqual([expect.stringContaining("inspect imports ../index.ts")]);
});

it("names a folder that is no layer", () => {
  expect(messages({ "packages/core/src/util/a.ts": "" })).toEqual([
    expect.stringContaining("util is not a layer"),
  ]);
});
