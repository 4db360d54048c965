/**
 * The system's C compiler, for tests that are about C. Without one they are skipped, with a reason printed.
 */
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import process from "node:process";
import { describe } from "vitest";
import { runsHere } from "../../../../tools/conformance/src/runs-here.ts";

const packageFolder = fileURLToPath(new URL("../..", import.meta.url));
/** Where `ipcz.h` is. */
export const includeFolder: string = join(packageFolder, "include");
const nativeFolder = join(packageFolder, "test/native");

/** The command of a C or C++ compiler: what the environment names, or one of the usual; null when none answers. */
function findCompiler(named: string | undefined, usual: readonly string[]): string | null {
  for (const command of named === undefined ? usual : [named]) {
    try {
      execFileSync(command, ["--version"], { stdio: "ignore" });
      return command;
    } catch {
      // Not this one.
    }
  }
  return null;
}

const systemSupported = process.platform === "linux" || process.platform === "darwin";
/** The C compiler; null when there is none. `IPCZ_TEST_CC=none` plays a machine without. */
export const cCompiler: string | null = systemSupported
  ? findCompiler(process.env["IPCZ_TEST_CC"] ?? process.env["CC"], ["cc", "gcc", "clang"])
  : null;
/** The C++ compiler; null when there is none. */
export const cxxCompiler: string | null =
  cCompiler === null ? null : findCompiler(process.env["CXX"], ["c++", "g++", "clang++"]);

const hasCompiler = runsHere(cCompiler !== null, "tests that need a C compiler; none was found");

/** Tests that need a C compiler. */
// oxlint-disable-next-line vitest/valid-title, vitest/valid-describe-callback -- a condition, not a title
export const describeWithCompiler: typeof describe.skip = describe.runIf(hasCompiler);

/** Runs a compiler; throws what it says. */
export function compile(command: string | null, args: readonly string[], input = ""): void {
  if (command === null) throw new Error("there is no compiler");
  execFileSync(command, args, { input, stdio: ["pipe", "ignore", "pipe"], encoding: "utf8" });
}

const flags = ["-std=c99", "-D_GNU_SOURCE", "-O1", "-g", "-Wall", "-Wextra", "-Werror", "-fPIC"];

/** The path of `test/native/<name>.c` as a shared library. */
export function nativeLibrary(name: string): string {
  return compileLibrary(join(nativeFolder, `${name}.c`));
}

/**
 * The path of a C source as a shared library. It is compiled once for each version of it, and test files that run at
 * the same time may ask for the same one.
 */
export function compileLibrary(source: string): string {
  const header = join(includeFolder, "ipcz.h");
  const digest = createHash("sha256");
  for (const part of [readFileSync(source), readFileSync(header), flags.join(" "), process.arch]) {
    digest.update(part);
  }
  const folder = join(tmpdir(), `ipcz-abi-test-${String(process.getuid?.() ?? 0)}`);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const library = join(folder, `${basename(source, ".c")}-${digest.digest("hex").slice(0, 16)}.so`);
  if (existsSync(library)) return library;
  const unfinished = `${library}.${String(process.pid)}`;
  const linking = ["-shared", "-pthread", "-I", includeFolder, source, "-o", unfinished];
  compile(cCompiler, [...flags, ...linking]);
  renameSync(unfinished, library);
  return library;
}
