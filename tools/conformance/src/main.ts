/**
 * The conformance matrix as a command: every test of the table and every scenario, in every environment.
 */
import { readFileSync, writeFileSync } from "node:fs";
import os from "node:os";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { conformancePage, type ConformanceRun, together } from "./conformance-page.ts";
import { judge, knownFailures } from "./known-failures.ts";
import { featureSets, scenarios } from "./scenario/catalogue.ts";
import { environments, environmentsElsewhere, tableSubjects } from "./scenario/environments.ts";
import { runMatrix } from "./scenario/matrix.ts";
import { WATCHDOG_MS } from "./scenario/run-scenario.ts";
import { tableConformance, type CaseResult } from "./table/index.ts";
import { filtered, reportLines, totalsOf } from "./table/report.ts";

const PAGE = fileURLToPath(new URL("../../../docs/conformance.md", import.meta.url));

const HELP = `Runs the ipcz conformance suites and prints a table: one row a test, one column an environment.

  --filter <text>     only tests whose name contains this
  --driver <text>     only environments whose name contains this
  --without <text>    not the environments whose name contains this
  --feature <text>    only feature sets whose name contains this
  --suite <name>      table or scenario; default: both
  --scale <number>    fraction of the rounds of the large scenarios; default: 1
  --watchdog <s>      a scenario that takes longer has stalled; default: ${String(WATCHDOG_MS / 1000)}
  --seed <number>     order of deliveries where the driver leaves a choice; default: 1
  --list              print the names of tests and environments, and run nothing
  --write             put the result into docs/conformance.md
  --json              print results as JSON instead of the table
  --results <file>    run nothing; results are those that --json has written there. As often as wanted: a run in parts,
                      or on several systems, makes one page
  --help              print this

The exit code is 1 when a test has failed.`;

const FLAGS = {
  filter: { type: "string" },
  driver: { type: "string" },
  without: { type: "string" },
  feature: { type: "string" },
  suite: { type: "string" },
  scale: { type: "string", default: "1" },
  watchdog: { type: "string", default: String(WATCHDOG_MS / 1000) },
  seed: { type: "string", default: "1" },
  list: { type: "boolean", default: false },
  write: { type: "boolean", default: false },
  json: { type: "boolean", default: false },
  results: { type: "string", multiple: true, default: [] as string[] },
  help: { type: "boolean", default: false },
} as const;

type Flags = ReturnType<typeof readFlags>;

// oxlint-disable-next-line typescript/explicit-function-return-type -- the type is that of the flags above
function readFlags() {
  return parseArgs({ options: FLAGS }).values;
}

async function run(flags: Flags): Promise<CaseResult[]> {
  const log = flags.json ? (): void => {} : (line: string): void => console.log(line);
  const results: CaseResult[] = [];
  const filter = flags.filter === undefined ? {} : { filter: flags.filter };
  if (flags.suite !== "scenario") {
    for (const subject of chosen(tableSubjects(), flags)) {
      // oxlint-disable-next-line no-await-in-loop -- one after the other: each counts what is left over
      results.push(...(await tableConformance(subject, { ...filter, log })));
    }
  }
  if (flags.suite !== "table") {
    const wanted = chosen(environments({ seed: Number(flags.seed) }), flags);
    const sets = filtered(featureSets, flags.feature);
    const options = { scale: Number(flags.scale), watchdogMs: Number(flags.watchdog) * 1000 };
    results.push(...(await runMatrix(wanted, sets, scenarios, { ...options, ...filter, log })));
  }
  return results;
}

function chosen<T extends { readonly name: string }>(
  all: readonly T[],
  { driver, without }: Flags,
): readonly T[] {
  const unwanted = without === undefined ? [] : filtered(all, without);
  return filtered(all, driver).filter((one) => !unwanted.includes(one));
}

function settingOf({ scale, seed }: Flags): string {
  const system = `${os.type()} ${os.release()} ${os.arch()}`;
  return `Node ${process.version}, ${system}; scale ${scale}, seed ${seed}.`;
}

function list(): void {
  for (const { name } of [...environments(), ...featureSets, ...scenarios]) console.log(name);
  for (const { name, reason } of environmentsElsewhere()) console.log(`${name} (${reason})`);
}

/** What this command has printed with `--json`. */
function readRun(path: string): ConformanceRun {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- written below
  return JSON.parse(readFileSync(path, "utf8")) as ConformanceRun;
}

async function runNow(): Promise<ConformanceRun> {
  return { setting: settingOf(flags), results: judge(await run(flags), knownFailures) };
}

const flags = readFlags();
if (flags.help) console.log(HELP);
else if (flags.list) list();
else {
  const whole = flags.results.length > 0 ? together(flags.results.map(readRun)) : await runNow();
  const { results } = whole;
  if (flags.write) writeFileSync(PAGE, conformancePage(whole, environmentsElsewhere()));
  if (flags.json) console.log(JSON.stringify(whole, null, 2));
  else console.log(["", ...reportLines(results)].join("\n"));
  if (totalsOf(results).failed > 0 || results.length === 0) process.exitCode = 1;
}
