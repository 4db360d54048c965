/**
 * Scenarios of one placement, run in a process of their own.
 */
import { fork, type ChildProcess } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { CaseResult, Outcome } from "@ipcz/conformance/table";
import type { Setting } from "./environment.ts";

/** A scenario with a feature set, both by name. */
export interface Case {
  readonly scenario: string;
  readonly features: string;
  readonly watchdogMs: number;
}

/** What a process shall run; travels as JSON. */
export interface Batch {
  readonly setting: Setting;
  readonly cases: readonly Case[];
  readonly scale: number;
}

/** What such a process tells: that the next case begins, or how it went. */
export type Line =
  { readonly begins: true } | { readonly begins: false; readonly outcome: Outcome };

const PROGRAM = fileURLToPath(new URL("./placement-process-main.js", import.meta.url));

/** Time beyond a case's own watchdog after which its process counts as stuck in native code. */
const GRACE_MS = 30_000;

/** Runs all cases, in as many processes as it takes: one that dies has failed its case, and the next goes on. */
export async function runBatch(batch: Batch, told: (result: CaseResult) => void): Promise<void> {
  let left = batch.cases;
  while (left.length > 0) {
    const { outcomes, end } = await runProcess({ ...batch, cases: left }, (index, outcome) => {
      told(resultOf(batch, left[index], outcome));
    });
    const next = left[outcomes];
    if (next === undefined) return;
    const reason = `the process of the main node ended with ${end}`;
    told(resultOf(batch, next, { status: "failed", reason, milliseconds: 0 }));
    left = left.slice(outcomes + 1);
  }
}

function resultOf({ setting }: Batch, which: Case | undefined, outcome: Outcome): CaseResult {
  const { scenario = "", features = "" } = which ?? {};
  return { name: scenario, column: `${setting.placement}/${features}`, ...outcome };
}

function runProcess(
  batch: Batch,
  told: (index: number, outcome: Outcome) => void,
): Promise<{ outcomes: number; end: string }> {
  const child = fork(PROGRAM, [JSON.stringify(batch)], {
    stdio: ["ignore", "pipe", "pipe", "ipc"],
  });
  const output = collectOutput(child);
  let outcomes = 0;
  const patience = (): number => (batch.cases[outcomes]?.watchdogMs ?? 0) + GRACE_MS;
  const kill = (): void => void child.kill("SIGKILL");
  let stuck = setTimeout(kill, patience());
  child.on("message", (line: Line) => {
    clearTimeout(stuck);
    stuck = setTimeout(kill, patience());
    if (line.begins) return;
    told(outcomes, line.outcome);
    outcomes++;
  });
  return new Promise((resolve) => {
    child.once("close", (code, signal) => {
      clearTimeout(stuck);
      resolve({ outcomes, end: `${signal ?? `code ${String(code)}`}\n${output()}` });
    });
  });
}

/** The last of what a process writes. */
function collectOutput(child: ChildProcess): () => string {
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding("utf8").on("data", (part: string) => {
      output = (output + part).slice(-4000);
    });
  }
  return () => output;
}
