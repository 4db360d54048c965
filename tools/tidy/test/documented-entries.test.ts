import { expect, it } from "vitest";
import { checkDocumentedEntries } from "../src/documented-entries.ts";
import type { Finding } from "../src/finding.ts";
import { repositoryOfTexts } from "../src/repository.ts";

const entry = (name: string): object => ({ "@ipcz/source": `./src/${name}` });
const index = { ".": entry("index.ts") };
const both = { ...index, "./wire": entry("wire/index.ts") };

function check(manifest: object, typedoc?: object): Finding[] {
  return checkDocumentedEntries(
    repositoryOfTexts({
      "packages/a/package.json": JSON.stringify(manifest),
      ...(typedoc && { "packages/a/typedoc.json": JSON.stringify(typedoc) }),
    }),
  );
}

it("is content with a package of one entry that says nothing", () => {
  expect(check({ exports: index })).toEqual([]);
});

it("is content when all entries are named", () => {
  expect(check({ exports: both }, { entryPoints: ["src/wire/index.ts", "src/index.ts"] })).toEqual(
    [],
  );
});

it("finds an entry that is not named", () => {
  const finding = {
    path: "packages/a/typedoc.json",
    message: expect.stringContaining("packages/a/src/wire/index.ts is an entry"),
  };
  expect(check({ exports: both })).toEqual([expect.objectContaining(finding)]);
  expect(check({ exports: both }, { entryPoints: ["src/index.ts"] })).toEqual([
    expect.objectContaining(finding),
  ]);
});

it("finds a name that is no entry any more", () => {
  expect(check({ exports: index }, { entryPoints: ["src/index.ts", "src/gone.ts"] })).toEqual([
    expect.objectContaining({ message: expect.stringContaining("src/gone.ts is no entry") }),
  ]);
});

it("leaves private packages alone", () => {
  expect(check({ exports: both, private: true })).toEqual([]);
});
