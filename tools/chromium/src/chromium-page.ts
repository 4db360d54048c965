/**
 * docs/chromium.md: what was run with a real Chromium, and how it went.
 */
import { MESSAGES } from "@ipcz/core/wire";
import type { RungResult } from "./ladder.ts";

type Exchanged = readonly (readonly [id: number, name: string, sent: number, received: number])[];

/** The page for these results; `setting` says what they were made with. */
export function chromiumPage(
  results: readonly RungResult[],
  messages: Exchanged,
  setting: string,
): string {
  const missing = MESSAGES.filter(({ id }) => !messages.some(([each]) => each === id));
  return [
    "# Chromium",
    "",
    "Written by `npm run interop:chromium -- --repeat <n> --write`; `--help` lists the options. An unmodified Chromium is an",
    "ipcz peer that nobody here wrote: in A rungs its service processes have a broker of ours, in B rungs a program of ours",
    'is one of the processes of a whole browser. Both speak over `posixDriver({ codec: "mojo" })`, by way of `@ipcz/mojo`.',
    "",
    setting,
    "",
    "| rung | held | what is shown | the last run | median |",
    "|---|---|---|---|---:|",
    ...results.map(
      ({ name, passed, durations, about, note }) =>
        `| ${name} | ${passed}/${durations.length} | ${about} | ${note} | ${median(durations)} |`,
    ),
    "",
    `**${messages.length} of ${MESSAGES.length} messages** were exchanged, counted here as our side sent and received them:`,
    "",
    "| id | message | sent | received |",
    "|---:|---|---:|---:|",
    ...messages.map(([id, name, sent, received]) => `| ${id} | ${name} | ${sent} | ${received} |`),
    "",
    `Not exchanged: ${missing.map(({ name, id }) => `${name} (${id})`).join(", ")}.`,
    "",
  ].join("\n");
}

function median(durations: readonly number[]): string {
  const sorted = durations.toSorted((left, right) => left - right);
  return `${((sorted[sorted.length >> 1] ?? 0) / 1000).toFixed(1)} s`;
}
