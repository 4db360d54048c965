/** `ipcz/threads` runs in a browser: nothing that it imports, near or far in this package, asks for Node. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";

const entry = new URL("../../src/threads/index.ts", import.meta.url).href;

/** Every source of this package that `from` imports, and every name of another package. */
function graphOf(from: string): {
  readonly sources: Map<string, string>;
  readonly others: Set<string>;
} {
  const sources = new Map<string, string>();
  const others = new Set<string>();
  const pending = [from];
  for (let url = pending.pop(); url !== undefined; url = pending.pop()) {
    if (sources.has(url)) continue;
    const text = readFileSync(new URL(url), "utf8");
    sources.set(url, text);
    for (const [, name = ""] of text.matchAll(/(?:from|import\() *"([^"\n]+)"/g))
      if (name.startsWith(".")) pending.push(new URL(name, url).href);
      else others.add(name);
  }
  return { sources, others };
}

describe("what ipcz/threads imports", () => {
  const { sources, others } = graphOf(entry);

  it("is of packages that run in a browser", () => {
    expect(sources.size).toBeGreaterThan(10);
    expect([...others].toSorted((a, b) => a.localeCompare(b))).toEqual([
      "@ipcz/api",
      "@ipcz/core",
      "@ipcz/driver-mem/worker",
    ]);
  });

  it("names no global of Node's own", () => {
    const naming = [...sources].filter(([, text]) =>
      /\b(process|Buffer|require|global|__dirname)(\.\w|\()/.test(text),
    );
    expect(naming.map(([url]) => url)).toEqual([]);
  });
});
