/**
 * Runs tests of the table and tells how they went.
 */
import { settle } from "./leaks.ts";
import type { Outcome } from "./outcome.ts";
import { argumentsSuite } from "./arguments.suite.ts";
import { boxesSuite } from "./boxes.suite.ts";
import { nodesSuite } from "./nodes.suite.ts";
import { parcelsSuite } from "./parcels.suite.ts";
import { portalsSuite } from "./portals.suite.ts";
import { Stage } from "./stage.ts";
import type { TableCase } from "./table-case.ts";
import type { TableSubject } from "./table-subject.ts";
import { trapsSuite } from "./traps.suite.ts";
import { turn } from "./turns.ts";

/** All tests of the table, suite by suite. */
export const tableCases: readonly TableCase[] = [
  ...nodesSuite,
  ...portalsSuite,
  ...parcelsSuite,
  ...boxesSuite,
  ...trapsSuite,
  ...argumentsSuite,
];

/** Runs one test against `subject`: nothing may fail, and nothing may be left afterwards. */
export async function runTableCase(test: TableCase, subject: TableSubject): Promise<Outcome> {
  const start = performance.now();
  const skipped = test.skip?.(subject) ?? null;
  if (skipped !== null) return { status: "skipped", reason: skipped, milliseconds: 0 };
  const reason = await failureOf(test, subject);
  const milliseconds = performance.now() - start;
  return { status: reason === null ? "passed" : "failed", reason, milliseconds };
}

async function failureOf(test: TableCase, subject: TableSubject): Promise<string | null> {
  const before = subject.leaks();
  const uncaught: unknown[] = [];
  const note = (error: unknown): void => void uncaught.push(error);
  // What a trap handler throws is reported as uncaught, and checks in handlers throw.
  process.on("uncaughtException", note);
  let stage: Stage | null = null;
  try {
    stage = new Stage(subject);
    test.run(stage, subject);
    stage.end();
    await turn();
    if (uncaught.length > 0) throw uncaught[0];
  } catch (error) {
    stage?.abandon();
    await turn();
    return textOfError(error);
  } finally {
    process.off("uncaughtException", note);
  }
  const extra = await settle(before, () => subject.leaks());
  return extra.length === 0 ? null : `left over: ${extra.join(", ")}`;
}

function textOfError(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
