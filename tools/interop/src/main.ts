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
import type { NativeDriverChoice } from "./environment.ts";
import { interopPage } from "./interop-page.ts";
import { defectOf, judged } from "./library-defects.ts";
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

async function run(library: string): Promise<CaseResult[][]> {
  if (flags.driver !== "own" && flags.driver !== "ours") {
    throw new Error(`--driver is own or ours, not ${flags.driver}`);
  }
  const nativeDriver: NativeDriverChoice = flags.driver;
  const scale = Number(flags.scale);
  const runs: CaseResult[][] = [];
  for (let repeat = 1; repeat <= Number(flags.repeat); repeat++) {
    const results: CaseResult[] = [];
    for (const { name: placement } of chosen(placements, flags.placement)) {
      const setting = { library, placement, nativeDriver };
      await runBatch({ setting, cases: casesOf(placement), scale }, (raw) => {
        const result = judged(raw);
        results.push(result);
        if (result.status === "failed") console.log(failureText(result));
      });
      const own = results.filter(({ column }) => column.startsWith(`${placement}/`));
      console.log(`${String(repeat)}: ${placement}: ${totalsLine(totalsOf(own))}`);
    }
    runs.push(results);
    if (flags.write) writeFileSync(PAGE, interopPage(runs, settingText(library)));
  }
  return runs;
}

/** What is known to stall gets little time to do so. */
const DEFECT_MS = 5000;

function casesOf(placement: string): Case[] {
  const watchdogMs = Number(flags.watchdog) * 1000;
  return chosen(featureSets, flags.feature).flatMap(({ name: features }) =>
    chosen(scenarios, flags.filter).map(({ name: scenario }) => ({
      scenario,
      features,
      watchdogMs: defectOf(scenario, placement) === null ? watchdogMs : DEFECT_MS,
    })),
  );
}

function failureText({ name, column, reason }: CaseResult): string {
  return `FAIL ${name}/${column}\n     ${(reason ?? "").split("\n").join("\n     ")}`;
}

function settingText(library: string): string {
  const source = flags.commit ?? `built as ${library.split("/").at(-1) ?? ""}`;
  return `Library: ${source}; its nodes' driver: ${flags.driver}. Node ${process.version}, ${os.type()} ${os.release()} ${os.arch()}; scale ${flags.scale}.`;
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
