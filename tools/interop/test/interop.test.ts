/**
 * The command itself: what it says without a library, and, where one is named, two stories in every placement.
 */
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { runsHere } from "../../conformance/src/runs-here.ts";
import { readCampaigns } from "../src/campaigns.ts";
import { placements } from "../src/placements.ts";

const program = fileURLToPath(new URL("../dist/main.js", import.meta.url));
const library = process.env["IPCZ_NATIVE_LIB"];
const hasLibrary = runsHere(
  library !== undefined,
  "interop with a native ipcz library; IPCZ_NATIVE_LIB names none",
);

function run(
  args: readonly string[],
  env: NodeJS.ProcessEnv,
): Promise<{ code: number | null; output: string }> {
  const child = spawn(process.execPath, [program, ...args], { env });
  let output = "";
  child.stdout.setEncoding("utf8").on("data", (part: string) => (output += part));
  child.stderr.setEncoding("utf8").on("data", (part: string) => (output += part));
  return new Promise((resolve) => {
    child.once("close", (code) => resolve({ code, output }));
  });
}

describe("npm run interop", () => {
  it("says what it needs when no library is named, and fails", async () => {
    const { IPCZ_NATIVE_LIB: _library, ...env } = process.env;
    const { code, output } = await run([], env);
    expect(output).toContain("name a native ipcz library");
    expect(code).toBe(1);
  });

  it("fails when the library cannot be opened, and says which", async () => {
    const args = ["--native", "/nowhere/libipcz.so", "--placement", "C-broker", "--filter", "Peek"];
    const { code, output } = await run(args, process.env);
    expect(output).toContain("cannot open the native library /nowhere/libipcz.so");
    expect(code).toBe(1);
  });

  it("adds its results to those of earlier runs, if told where they are", async () => {
    const folder = mkdtempSync(join(tmpdir(), "interop-"));
    try {
      const file = join(folder, "results.json");
      const args = ["--native", "/nowhere/libipcz.so", "--filter", "Peek", "--results", file];
      const batch = ["--placement", "broker", "--feature", "Default", "--jobs", "2"];
      await run([...args, ...batch], process.env);
      const { output } = await run([...args, ...batch], process.env);
      const campaigns = readCampaigns(file);
      // Both placements in each, in their order, though they ran at the same time.
      const columns = ["C-broker/Default", "TS-broker/Default"];
      expect(campaigns.map(({ runs }) => runs)).toMatchObject([
        Array(2).fill(columns.map((column) => ({ column }))),
      ]);
      expect(output).toContain("2: C-broker: ");
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it.runIf(hasLibrary)(
    "runs stories in every placement, over either driver",
    { timeout: 300_000 },
    async () => {
      for (const driver of ["own", "ours"]) {
        const args = ["--driver", driver, "--filter", "PortalTransfer", "--scale", "0.05"];
        const { code, output } = await run(args, process.env);
        expect([code, output.split("\n").at(-2)]).toEqual([
          0,
          `${String(2 * placements.length)} passed, 0 failed, 0 skipped`,
        ]);
      }
    },
  );
});
