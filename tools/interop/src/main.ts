/**
 * Interop as a command: every scenario in every placement of our nodes and a native library's.
 */
import { writeFileSync } from "node:fs";
import os from "node:os";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { featureSets, scenarios, WATCHDOG_MS } from "@ipcz/conformance/scenario";
import { reportLines, totalsLine, totalsOf, type CaseResult } from "@ipcz/conformance/table";
import { runBatch, type Case } from "./batch.ts";
import { campaignOf, readCampaigns, writeCampaigns } from "./campaigns.ts";
import type { NativeDriverChoice, Setting } from "./environment.ts";
import { interopPage } from "./interop-page.ts";
import { judged, stallsByDefect } from "./library-defects.ts";
import { placements } from "./placements.ts";

const PAGE = fileURLToPath(new URL("../../../docs/interop.md", import.meta.url));

const HELP = `Runs the conformance scenarios with nodes of ours and nodes of a native ipcz library, and prints a table.

  --native <path>       the library; default: what IPCZ_NATIVE_LIB names
  --commit <text>       what it was built from, for the report
  --driver <own|ours>   the driver of the library's nodes: its own multiprocess driver (default), or ours, exported
  --filter <text>       only scenarios whose name contains this
  --placement <text>    only placements whose name contains this
  --feature <text>      only feature sets whose name contains this
  --repeat <number>     how often to run it all; default: 1
  --jobs <number>       how many placements to run at the same time; default: 1
  --results <file>      add the results to those of earlier runs in this file; --write reports all that it holds
  --scale <number>      fraction of the rounds of the large scenarios; default: 1
  --watchdog <s>        a scenario that takes longer has stalled; default: ${String(WATCHDOG_MS / 1000)}
  --list                print the names of placements and scenarios, and run nothing
  --write               put the result into docs/interop.md, after each repeat
  --help                print this

The exit code is 1 when anything has failed, and when there is no library.`;

const { values: flags } = parseArgs({
  options: {
    native: { type: "string" },
    commit: { type: "string" },
    driver: { type: "string", default: "own" },
    filter: { type: "string", default: "" },
    placement: { type: "string", default: "" },
    feature: { type: "string", default: "" },
    repeat: { type: "string", default: "1" },
    jobs: { type: "string", default: "1" },
    results: { type: "string" },
    scale: { type: "string", default: "1" },
    watchdog: { type: "string", default: String(WATCHDOG_MS / 1000) },
    list: { type: "boolean", default: false },
    write: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});

function chosen<T extends { readonly name: string }>(all: readonly T[], part: string): T[] {
  return all.filter(({ name }) => name.toLowerCase().includes(part.toLowerCase()));
}

async function run(library: string): Promise<readonly CaseResult[][]> {
  if (flags.driver !== "own" && flags.driver !== "ours") {
    throw new Error(`--driver is own or ours, not ${flags.driver}`);
  }
  const nativeDriver: NativeDriverChoice = flags.driver;
  const campaigns = flags.results === undefined ? [] : readCampaigns(flags.results);
  const { runs } = campaignOf(campaigns, settingText());
  const repeats = runs.length + Number(flags.repeat);
  while (runs.length < repeats) {
    const number = runs.length + 1;
    // oxlint-disable-next-line no-await-in-loop -- a repeat begins when the one before has ended
    const results = await runOnce((placement) => ({ library, placement, nativeDriver }), number);
    runs.push(results);
    if (flags.results !== undefined) writeCampaigns(flags.results, campaigns);
    if (flags.write) writeFileSync(PAGE, interopPage(campaigns));
  }
  return runs;
}

/** All cases once, in the order of the placements, whichever ended first. */
async function runOnce(
  settingOf: (placement: string) => Setting,
  number: number,
): Promise<CaseResult[]> {
  const waiting = chosen(placements, flags.placement).map(({ name }) => {
    const results: CaseResult[] = [];
    return { name, results };
  });
  const all = [...waiting];
  const work = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const { name, results } = next;
      const batch = { setting: settingOf(name), cases: casesOf(name), scale: Number(flags.scale) };
      // oxlint-disable-next-line no-await-in-loop -- one placement after the other, in each job
      await runBatch(batch, (raw) => {
        const result = judged(raw);
        results.push(result);
        if (result.status === "failed") console.log(failureText(result));
      });
      console.log(`${String(number)}: ${name}: ${totalsLine(totalsOf(results))}`);
    }
  };
  await Promise.all(Array.from({ length: Number(flags.jobs) }, work));
  return all.flatMap(({ results }) => results);
}

/** What is known to stall gets little time to do so. */
const DEFECT_MS = 2000;

function casesOf(placement: string): Case[] {
  const watchdogMs = Number(flags.watchdog) * 1000;
  return chosen(featureSets, flags.feature).flatMap(({ name: features }) =>
    chosen(scenarios, flags.filter).map(({ name: scenario }) => ({
      scenario,
      features,
      watchdogMs: stallsByDefect(scenario, placement) ? DEFECT_MS : watchdogMs,
    })),
  );
}

function failureText({ name, column, reason }: CaseResult): string {
  return `FAIL ${name}/${column}\n     ${(reason ?? "").split("\n").join("\n     ")}`;
}

/** Repeats with the same one are counted together. */
function settingText(): string {
  const library = flags.commit ?? "a library of unknown source";
  const driver = flags.driver === "own" ? "its own driver" : "our driver, exported to it";
  return `Library ${library} with ${driver}; scale ${flags.scale}; Node ${process.version}, ${os.type()} ${os.arch()}`;
}

const library = flags.native ?? process.env["IPCZ_NATIVE_LIB"];
if (flags.help) console.log(HELP);
else if (flags.list) for (const { name } of [...placements, ...scenarios]) console.log(name);
else if (library === undefined) {
  console.error("name a native ipcz library: --native <path>, or IPCZ_NATIVE_LIB");
  process.exitCode = 1;
} else {
  const runs = await run(library);
  console.log(["", ...reportLines(runs.at(-1) ?? [])].join("\n"));
  if (runs.some((results) => totalsOf(results).failed > 0 || results.length === 0)) {
    process.exitCode = 1;
  }
}
