import { readdirSync, readFileSync } from "node:fs";
import { expect, it } from "vitest";

const sources = new URL("../src/", import.meta.url);

it("imports nothing but the contract and itself, so that it runs in a browser", () => {
  const imported = readdirSync(sources).flatMap((file) => {
    const text = readFileSync(new URL(file, sources), "utf8");
    return [...text.matchAll(/(?:from|import\() *"([^"]+)"/g)].map(([, name]) => name ?? "");
  });
  expect(imported.length).toBeGreaterThan(20);
  expect(imported.filter((name) => name !== "@ipcz/api" && !name.startsWith("./"))).toEqual([]);
});

it("names no global of Node's own", () => {
  const naming = readdirSync(sources).filter((file) =>
    /\b(process|Buffer|require|global|__dirname)[.(]/.test(
      readFileSync(new URL(file, sources), "utf8"),
    ),
  );
  expect(naming).toEqual([]);
});
