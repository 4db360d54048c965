/**
 * The programs of the guide, run as it says, print what it says.
 */
import { execFile } from "node:child_process";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import process from "node:process";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { programFolder } from "./support/program-folder.ts";

const run = promisify(execFile);
const guide = new URL("../../../docs/from-process-send.md", import.meta.url);

interface Programs {
  /** By path in the folder. */
  readonly files: ReadonlyMap<string, string>;
  /** Folders with a `main.js`, and what each prints: the next block of text. */
  readonly outputs: ReadonlyMap<string, string>;
}

function programsIn(markdown: string): Programs {
  const files = new Map<string, string>();
  const outputs = new Map<string, string>();
  let open: string[] = [];
  for (const [, language, code = ""] of markdown.matchAll(/^```(\w+)\n([^]*?)^```$/gm)) {
    if (language === "text") {
      for (const folder of open) outputs.set(folder, code);
      open = [];
      continue;
    }
    const path = /^\/\/ (\S+)\n/.exec(code)?.[1];
    if (path === undefined) throw new Error(`a block without a file name: ${code.slice(0, 60)}`);
    files.set(path, code);
    if (path.endsWith("/main.js")) open.push(dirname(path));
  }
  return { files, outputs };
}

const programs = programsIn(await readFile(guide, "utf8"));

describe("the guide", () => {
  let folder: string;
  beforeAll(async () => {
    folder = programFolder();
    await writeFile(join(folder, "package.json"), '{"type": "module"}');
    for (const [path, code] of programs.files) {
      await mkdir(dirname(join(folder, path)), { recursive: true });
      await writeFile(join(folder, path), code);
    }
  });
  afterAll(() => rm(folder, { recursive: true }));

  it("has programs, and says of all what they print", () => {
    expect(programs.outputs.size).toBe(
      [...programs.files.keys()].filter((path) => path.endsWith("/main.js")).length,
    );
    expect(programs.outputs.size).toBeGreaterThan(4);
  });

  it.each([...programs.outputs])(
    "has a program that prints what it says: %s",
    { timeout: 60_000 },
    async (name, output) => {
      const { stdout } = await run(process.execPath, [join(folder, name, "main.js")]);
      expect(stdout).toBe(output);
    },
  );
});
