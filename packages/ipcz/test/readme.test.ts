/**
 * The programs of the README, run as they stand there.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync, rmSync, watch, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { isWindows, runsHere } from "../../../tools/conformance/src/runs-here.ts";
import { programFolder } from "./support/program-folder.ts";

const packageFolder = fileURLToPath(new URL("..", import.meta.url));
const readme = readFileSync(join(packageFolder, "README.md"), "utf8");
const children: ChildProcess[] = [];
let folder = "";

beforeEach(() => {
  folder = programFolder();
  for (const [, name = "", program = ""] of readme.matchAll(/```js\n\/\/ (\S+)\n([^]*?)```/g))
    writeFileSync(join(folder, name), program);
});

afterEach(() => {
  for (const child of children.splice(0)) child.kill("SIGKILL");
  rmSync(folder, { recursive: true });
});

const hasSockets = runsHere(!isWindows, "a program that listens at a socket in a folder");

/** The text block after the program `name`. */
function promised(name: string): string {
  const rest = readme.slice(readme.indexOf(`// ${name}\n`));
  return /```text\n([^]*?)```/.exec(rest)?.[1] ?? "";
}

async function run(name: string): Promise<{ output: string; code: unknown }> {
  const child = spawn(process.execPath, [name], {
    cwd: folder,
    stdio: ["ignore", "pipe", "inherit"],
  });
  children.push(child);
  let output = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (output += text));
  const [code] = (await once(child, "close")) as [unknown];
  return { output, code };
}

describe("the README", () => {
  it("has a parent and a child that print what it says", { timeout: 60_000 }, async () => {
    expect(await run("parent.mjs")).toEqual({ output: promised("child.mjs"), code: 0 });
  });

  it("has a program with a worker that prints what it says", { timeout: 60_000 }, async () => {
    expect(await run("threads.mjs")).toEqual({ output: promised("worker.mjs"), code: 0 });
  });

  it("has the programs that the README of the repository has", () => {
    const first = readFileSync(join(packageFolder, "../../README.md"), "utf8");
    const programs = [...first.matchAll(/```js\n\/\/ [^]*?```/g)].map(([program]) => program);
    expect(programs).toHaveLength(2);
    for (const program of programs) expect(readme).toContain(program);
  });

  it.runIf(hasSockets)(
    "has a server and a client that print what it says",
    { timeout: 60_000 },
    async () => {
      const listening = new Promise<void>((resolve) => {
        const watcher = watch(folder, () => {
          if (!existsSync(join(folder, "mine.sock"))) return;
          watcher.close();
          resolve();
        });
      });
      const server = run("server.mjs");
      await listening;
      expect(await run("client.mjs")).toEqual({ output: promised("client.mjs"), code: 0 });
      expect(await server).toEqual({ output: "", code: 0 });
      expect(existsSync(join(folder, "mine.sock"))).toBe(false);
    },
  );
});
