/**
 * The programs in the README files compile, run, and print what is said below them. A program is a fenced `ts` block;
 * a `text` block that follows is its output.
 */
import { execFileSync } from "node:child_process";
import {
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const root = fileURLToPath(new URL("../../../", import.meta.url));
const packages = readdirSync(join(root, "packages")).map((name) => `packages/${name}/README.md`);
const tsx = pathToFileURL(createRequire(import.meta.url).resolve("tsx")).href;

let scratch: string;

beforeAll(() => {
  scratch = mkdtempSync(join(tmpdir(), "readme-"));
  symlinkSync(join(root, "node_modules"), join(scratch, "node_modules"), "dir");
  writeFileSync(join(scratch, "package.json"), `{ "type": "module" }`);
});

afterAll(() => rmSync(scratch, { recursive: true }));

const documents = ["README.md", ...packages]
  .map((path) => ({ path, programs: programsIn(path) }))
  .filter(({ programs }) => programs.length > 0);

it("finds programs to run", () => {
  expect(documents.map(({ path }) => path)).toContain("README.md");
});

describe.each(documents)("$path", ({ programs }) => {
  it("has programs that compile", () => {
    for (const { file, code } of programs) writeFileSync(join(scratch, file), code);
    writeFileSync(
      join(scratch, "tsconfig.json"),
      JSON.stringify({
        extends: join(root, "tsconfig.base.json"),
        compilerOptions: {
          composite: false,
          incremental: false,
          noEmit: true,
          noUnusedLocals: false,
        },
        files: programs.map(({ file }) => file),
      }),
    );
    expect(run([join(root, "node_modules/@typescript/native/bin/tsc"), "-p", scratch])).toBe("");
  });

  it.each(programs)("runs $file, which prints what it says", ({ file, code, output }) => {
    writeFileSync(join(scratch, file), code);
    expect(run(["--import", tsx, "--conditions=@ipcz/source", join(scratch, file)])).toBe(output);
  });
});

interface Program {
  /** Where it is written to. */
  file: string;
  code: string;
  output: string;
}

function programsIn(path: string): Program[] {
  const block = /^```ts\n([\s\S]*?)^```$(?:\s*(?:It prints:\s*)?^```text\n([\s\S]*?)^```$)?/gm;
  const stem = path.replaceAll(/\W+/g, "-").toLowerCase();
  return Array.from(
    readFileSync(join(root, path), "utf8").matchAll(block),
    ([, code = "", output = ""], index) => ({ file: `${stem}-${index + 1}.ts`, code, output }),
  );
}

/** Runs Node; what it prints, and what it complains about when it fails. */
function run(command: readonly string[]): string {
  try {
    return execFileSync(process.execPath, command, {
      cwd: scratch,
      encoding: "utf8",
      stdio: ["ignore", "pipe", "pipe"],
      timeout: 15_000,
    });
  } catch (error) {
    const { stdout, stderr } = error as { stdout: string; stderr: string };
    return `${stdout}${stderr}failed`;
  }
}
