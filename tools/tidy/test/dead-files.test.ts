import { expect, it } from "vitest";
import { checkDeadFiles } from "../src/dead-files.ts";
import { repositoryOfTexts } from "../src/repository.ts";

const manifest = JSON.stringify({ exports: { ".": { "@ipcz/source": "./src/index.ts" } } });

function dead(texts: Record<string, string>): string[] {
  return checkDeadFiles(repositoryOfTexts({ "packages/a/package.json": manifest, ...texts })).map(
    ({ path, message }) => `${path}: ${message}`,
  );
}

it("names a source file that only a test imports", () => {
  expect(
    dead({
      "packages/a/src/index.ts": "",
      "packages/a/src/forgotten.ts": "",
      "packages/a/test/forgotten.test.ts": `import "../src/forgotten.ts";`,
    }),
  ).toEqual([expect.stringContaining("packages/a/src/forgotten.ts: nobody imports this file")]);
});

it("counts what is imported through others, started by URL, or started by name", () => {
  expect(
    dead({
      "packages/a/src/index.ts": `import "./b.ts"; new URL("./child.js", import.meta.url);`,
      "packages/a/src/b.ts": `import type { C } from "./c.ts";`,
      "packages/a/src/c.ts": "",
      "packages/a/src/child.ts": "",
      "packages/a/src/main.ts": "",
      "packages/a/src/wire.bench.ts": "",
    }),
  ).toEqual([]);
});

it("names an entry that does not exist instead of every file behind it", () => {
  expect(dead({ "packages/a/src/b.ts": "", "packages/a/src/c.ts": "" })).toEqual([
    "packages/a/package.json: exports packages/a/src/index.ts, which does not exist",
  ]);
});
