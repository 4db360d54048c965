/** `npm run bench:border`, as built. */
import { execFile } from "node:child_process";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const program = fileURLToPath(new URL("../../dist/border-main.js", import.meta.url));

function run(args: readonly string[], path: string): Promise<{ code: unknown; output: string }> {
  const { IPCZ_NATIVE_LIB: _library, ...env } = process.env;
  return new Promise((resolve) => {
    const options = { env: { ...env, PATH: path } };
    execFile(
      process.execPath,
      [program, "--rounds", "1", ...args],
      options,
      (error, stdout, stderr) => {
        resolve({ code: error === null ? 0 : error.code, output: stdout + stderr });
      },
    );
  });
}

describe("npm run bench:border", () => {
  it("measures our table, and calls of native code or why there are none", async () => {
    const { code, output } = await run([], process.env["PATH"] ?? "");
    expect(code).toBe(0);
    expect(output).toMatch(/\| our table, into C and back: QueryPortalStatus \| .* [nµ]s \|/);
    expect(output).toMatch(/\| a thread of C calls it \| .* µs \||nothing compiles them/);
  });

  it("writes nothing without a C compiler, since half of it would be missing", async () => {
    const { code, output } = await run(["--write"], "/nowhere");
    expect(code).toBe(1);
    expect(output).toContain("calls of native code are left out, nothing compiles them");
  });
});
