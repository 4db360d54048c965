/**
 * Each example has a README and a line in the index, and prints what its README says. Those of the RPC libraries and of
 * the browser have tests of their own, and what needs a C compiler is tested with `@ipcz/abi`.
 */
import { execFile } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { isWindows, runsHere } from "../../tools/conformance/src/runs-here.ts";
import { promisedOutput } from "./support/promised-output.ts";

const run = promisify(execFile);
const source = new URL("../src/", import.meta.url);
const examples = readdirSync(source).filter((name) =>
  existsSync(new URL(`${name}/main.ts`, source)),
);
const promises = examples.flatMap((name) => {
  const output = existsSync(new URL(`${name}/README.md`, source)) ? promisedOutput(name) : null;
  return output === null || name.startsWith("rpc-") ? [] : [{ name, output }];
});
const sendsSockets = runsHere(!isWindows, "the example that sends sockets from process to process");
const runs = promises.filter(({ name }) => sendsSockets || name !== "descriptors");

it("are all in the index, with a README each", () => {
  const index = readFileSync(new URL("../README.md", import.meta.url), "utf8");
  const linked = [...index.matchAll(/\]\(src\/([\w-]+)\/README\.md\)/g)].map(([, name]) => name);
  expect(new Set(linked)).toEqual(new Set(examples));
  expect(linked).toHaveLength(examples.length);
  for (const name of examples)
    expect(existsSync(new URL(`${name}/README.md`, source)), `${name}/README.md`).toBe(true);
});

describe("an example prints what its README says", () => {
  it("and there are some that do", () => {
    expect(promises.length).toBeGreaterThan(11);
  });

  it.each(runs)("$name", { timeout: 60_000 }, async ({ name, output }) => {
    const main = fileURLToPath(new URL(`../dist/${name}/main.js`, import.meta.url));
    const { stdout, stderr } = await run(process.execPath, [main]);
    expect(stdout).toBe(output);
    expect(stderr).toBe("");
  });
});
