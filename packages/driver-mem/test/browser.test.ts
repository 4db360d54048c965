/** What a page needs runs in a browser: the contract, the machine and this driver. */
import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";

interface Source {
  readonly name: string;
  readonly text: string;
}

function sourcesOf(folder: string): Source[] {
  const sources = new URL(`../../${folder}/src/`, import.meta.url);
  return readdirSync(sources, { recursive: true })
    .map(String)
    .filter((name) => name.endsWith(".ts"))
    .map((name) => ({ name, text: readFileSync(new URL(name, sources), "utf8") }));
}

describe.each(["api", "core", "driver-mem"])("the sources of %s", (folder) => {
  const sources = sourcesOf(folder);

  it("import nothing but the contract and each other", () => {
    const imported = sources.flatMap(({ text }) =>
      [...text.matchAll(/(?:from|import\() *"([^"\n]+)"/g)].map(([, name]) => name ?? ""),
    );
    expect(imported.length).toBeGreaterThan(10);
    const foreign = imported.filter((name) => name !== "@ipcz/api" && !/^\.{1,2}\//.test(name));
    expect(foreign).toEqual([]);
  });

  it("name no global of Node's own", () => {
    const naming = sources.filter(({ text }) =>
      /\b(process|Buffer|require|global|__dirname)(\.\w|\()/.test(text),
    );
    expect(naming.map(({ name }) => name)).toEqual([]);
  });
});
