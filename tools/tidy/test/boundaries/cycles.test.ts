import { expect, it } from "vitest";
import { checkFileCycles, checkPackageCycles } from "../../src/boundaries/cycles.ts";
import { repositoryOfTexts } from "../../src/repository.ts";

it("catches files that import each other, types included", () => {
  const repository = repositoryOfTexts({
    "packages/core/src/a.ts": `import type { B } from "./b.ts";`,
    "packages/core/src/b.ts": `import { c } from "./c.ts";`,
    "packages/core/src/c.ts": `await import("./a.ts");`,
  });
  expect(checkFileCycles(repository).map(({ message }) => message)).toEqual([
    expect.stringContaining(
      "packages/core/src/a.ts > packages/core/src/b.ts > packages/core/src/c.ts > packages/core/src/a.ts",
    ),
  ]);
});

it("does not take a diamond for a circle", () => {
  const repository = repositoryOfTexts({
    "a.ts": `import "./b.ts"; import "./c.ts";`,
    "b.ts": `import "./d.ts";`,
    "c.ts": `import "./d.ts";`,
    "d.ts": "",
  });
  expect(checkFileCycles(repository)).toEqual([]);
});

it("catches packages that depend on each other, devDependencies included", () => {
  const repository = repositoryOfTexts({
    "packages/a/package.json": JSON.stringify({ name: "a", dependencies: { b: "1.0.0" } }),
    "packages/b/package.json": JSON.stringify({ name: "b", devDependencies: { a: "1.0.0" } }),
  });
  expect(checkPackageCycles(repository).map(({ message }) => message)).toEqual([
    expect.stringContaining("a > b > a"),
  ]);
});
