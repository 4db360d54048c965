/**
 * The examples of docs/native.md, run as they are told to be run there.
 */
import { spawn } from "node:child_process";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import {
  cCompiler,
  compileLibrary,
  describeWithCompiler,
  nativeLibrary,
} from "./support/compiler.ts";
import { realLibrary } from "./support/real-library.ts";

function outputOf(example: string, ...args: readonly string[]): Promise<string> {
  const program = fileURLToPath(
    new URL(`../../../examples/dist/${example}/main.js`, import.meta.url),
  );
  const child = spawn(process.execPath, [program, ...args]);
  let output = "";
  child.stdout.setEncoding("utf8").on("data", (part: string) => (output += part));
  child.stderr.setEncoding("utf8").on("data", (part: string) => (output += part));
  return new Promise((resolve) => {
    child.once("close", (code, signal) => {
      resolve(code === 0 ? output : `${output}ended with ${signal ?? `code ${String(code)}`}`);
    });
  });
}

// The reason is printed with that of the other tests of a native library.
test.runIf(realLibrary !== null)("a native library under a driver of JavaScript", async () => {
  expect(await outputOf("native-library", realLibrary ?? "")).toBe("hello from a native node\n");
});

test("a library that is not there is named", async () => {
  const output = await outputOf("native-library", "/nowhere/libipcz.so");
  expect(output).toContain("cannot open the native library /nowhere/libipcz.so");
});

describeWithCompiler("examples in C", () => {
  test("a host in C that is given our table", async () => {
    const source = fileURLToPath(new URL("../../../examples/src/c-host/host.c", import.meta.url));
    expect(cCompiler).not.toBeNull();
    expect(await outputOf("c-host", compileLibrary(source))).toBe(
      "C has read: a parcel from TypeScript\n",
    );
  });

  test("our nodes over a driver in C", async () => {
    const driver = nativeLibrary("threaded_driver");
    expect(await outputOf("native-driver", driver, "threaded_driver")).toBe(
      "carried by a driver in C\n",
    );
  });
});
