// The comparisons as commands, as short as can be. They run from dist.
import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, expect, it } from "vitest";
import { isLinux, runsHere } from "../../conformance/src/runs-here.ts";

const folder = mkdtempSync(join(tmpdir(), "bench-test-"));
afterAll(() => rmSync(folder, { recursive: true }));

interface Written {
  readonly cases: readonly { readonly label: string; readonly samples: Record<string, number[]> }[];
}

/** What the command writes, and what it prints. */
async function run(main: string): Promise<{ written: Written; printed: string }> {
  const program = fileURLToPath(new URL(`../dist/${main}`, import.meta.url));
  const json = join(folder, `${main}.json`);
  const args = [program, "--rounds", "2", "--scale", "0.001", "--json", json];
  const { stdout } = await promisify(execFile)(process.execPath, args);
  return { written: JSON.parse(readFileSync(json, "utf8")) as Written, printed: stdout };
}

it.runIf(runsHere(isLinux, "streams, which are compared over sockets and lanes")).each([
  ["streams-main.js", ["net", "PortalStream", "PortalStream (fast lane)"]],
  ["clone-main.js", ["v8.serialize", "MessageChannel", "PortalPort"]],
])("%s measures every contestant in every round", async (main, contestants) => {
  const { written, printed } = await run(main);
  expect(written.cases.length).toBeGreaterThan(3);
  for (const { label, samples } of written.cases) {
    expect(printed).toContain(`| ${label} `);
    expect(Object.keys(samples)).toEqual(contestants);
    for (const rounds of Object.values(samples))
      expect(rounds.filter((sample) => sample > 0)).toHaveLength(2);
  }
});
