/**
 * Runs rungs, again and again, and keeps what was seen.
 */
import { messageById } from "@ipcz/core/wire";
import type { Browser } from "./find-browser.ts";
import type { Rung } from "./rung.ts";
import { rungsOfBrowser } from "./rungs-browser.ts";
import { rungOfDeath, rungsOfOneChild } from "./rungs-one-child.ts";
import { rungsOfNetworks } from "./rungs-two-children.ts";
import { Stage } from "./stage.ts";

/** From the bottom up. */
export const ladder: readonly Rung[] = [
  ...rungsOfOneChild,
  ...rungsOfNetworks,
  rungOfDeath,
  ...rungsOfBrowser,
];

/** How one rung went. */
export interface RungResult {
  readonly name: string;
  readonly about: string;
  readonly passed: number;
  readonly failures: readonly string[];
  /** What the last run that held had to say. */
  readonly note: string;
  /** Milliseconds of each run. */
  readonly durations: readonly number[];
}

/** How to run. */
export interface LadderOptions {
  readonly repeat: number;
  /** Receives a line for each message. */
  readonly trace: ((line: string) => void) | null;
  /** Receives a line for each run. */
  readonly log: (line: string) => void;
}

/** Messages by "sent 20" and "received 20", of all runs. */
export type MessageTotals = Map<string, number>;

/** Runs each of `rungs` as often as it is said. */
export async function climb(
  browser: Browser,
  rungs: readonly Rung[],
  options: LadderOptions,
): Promise<{ results: RungResult[]; totals: MessageTotals }> {
  const results: RungResult[] = [];
  const totals: MessageTotals = new Map();
  for (const rung of rungs) {
    // oxlint-disable-next-line no-await-in-loop -- one after the other: each counts what is left over
    results.push(await repeat(browser, rung, options, totals));
  }
  return { results, totals };
}

async function repeat(
  browser: Browser,
  rung: Rung,
  { repeat: times, trace, log }: LadderOptions,
  totals: MessageTotals,
): Promise<RungResult> {
  const failures: string[] = [];
  const durations: number[] = [];
  let note = "";
  for (let run = 1; run <= times; run++) {
    const start = performance.now();
    const stage = new Stage(browser, trace);
    // oxlint-disable-next-line no-await-in-loop -- one after the other
    const { note: told, failure } = await runOnce(rung, stage);
    const duration = performance.now() - start;
    durations.push(duration);
    for (const [key, count] of stage.traffic.messages) {
      totals.set(key, (totals.get(key) ?? 0) + count);
    }
    if (failure === null) note = told;
    else failures.push(failure);
    log(progressLine(`${rung.name} ${run}/${times} ${duration.toFixed(0)} ms`, told, failure));
  }
  const { name, about } = rung;
  return { name, about, passed: times - failures.length, failures, note, durations };
}

/** One run, with nothing of it left afterwards; the failure is null when it held. */
async function runOnce(
  rung: Rung,
  stage: Stage,
): Promise<{ note: string; failure: string | null }> {
  try {
    const note = await rung.run(stage);
    await stage.finish();
    return { note, failure: null };
  } catch (error) {
    const failure = error instanceof Error ? (error.stack ?? error.message) : String(error);
    return { note: "", failure };
  } finally {
    await stage.dispose();
  }
}

/** One run as a line. */
export function progressLine(what: string, note: string, failure: string | null): string {
  return failure === null ? `ok   ${what} ${note}` : `FAIL ${what} ${failure}`;
}

/** The messages of the protocol that were exchanged: name, sent, received. */
export function exchanged(
  totals: MessageTotals,
): [id: number, name: string, sent: number, received: number][] {
  const rows: [number, string, number, number][] = [];
  for (let id = 0; id < 256; id++) {
    const message = messageById(id);
    const sent = totals.get(`sent ${id}`) ?? 0;
    const received = totals.get(`received ${id}`) ?? 0;
    if (message && sent + received > 0) rows.push([id, message.name, sent, received]);
  }
  return rows;
}
