/**
 * Runs one suite and counts.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readResults, type Totals } from "../../run-vitest.mjs";
import type { Say } from "./at-once.ts";
import { runNode, type Host } from "./host.ts";
import type { ProgramSuite, Suite, TestSuite } from "./suites.ts";

/** Runs `suite`; what it writes is said. A way to end that no count explains counts as a failure. */
export async function runSuite(host: Host, suite: Suite, say: Say): Promise<Totals> {
  const { totals, how } = await (suite.kind === "tests"
    ? runTests(host, suite, say)
    : runProgram(host, suite, say));
  if (how === 0 || totals.failed > 0) return totals;
  say(`${suite.name} itself failed: ${typeof how === "number" ? `exit code ${how}` : how}\n`);
  return { ...totals, failed: totals.failed + 1 };
}

interface Counted {
  readonly totals: Totals;
  readonly how: number | string;
}

async function runTests(host: Host, { folder, args = [] }: TestSuite, say: Say): Promise<Counted> {
  const scratch = mkdtempSync(join(tmpdir(), "test-win-"));
  const results = join(scratch, "results.json");
  try {
    const run = [
      "node_modules/vitest/vitest.mjs",
      "run",
      `--root=${folder}`,
      "--reporter=default",
      "--reporter=json",
      `--outputFile.json=${host.pathInside(results)}`,
    ];
    const { how } = await runNode(host, [...run, ...args], say);
    return { totals: readResults(results), how };
  } finally {
    rmSync(scratch, { recursive: true });
  }
}

async function runProgram(
  host: Host,
  { script, args = [], ends }: ProgramSuite,
  say: Say,
): Promise<Counted> {
  const { how, output } = await runNode(host, [script, ...args], say);
  return { totals: ends === undefined ? countsIn(output) : countEnd(output, ends), how };
}

/** What the last line with a sum says; without one, a failure. */
export function countsIn(output: string): Totals {
  const sums = Array.from(output.matchAll(/^(\d+) passed, (\d+) failed, (\d+) skipped\r?$/gm));
  const [, passed, failed, skipped] = sums.at(-1) ?? [];
  if (passed === undefined) return { passed: 0, failed: 1, skipped: 0 };
  return { passed: Number(passed), failed: Number(failed), skipped: Number(skipped) };
}

/** One test: whether the last line begins as it should. */
export function countEnd(output: string, ends: string): Totals {
  const ok = output.trimEnd().split("\n").at(-1)?.startsWith(ends) ?? false;
  return { passed: ok ? 1 : 0, failed: ok ? 0 : 1, skipped: 0 };
}
