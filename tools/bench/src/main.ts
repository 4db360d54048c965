/**
 * npm run bench: ipcz against what else there is, in real processes.
 */
import { writeFileSync } from "node:fs";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { type Arguments, readArguments, USAGE } from "./arguments.ts";
import { LineProgress } from "./conduct/progress.ts";
import { oneProcessor } from "./conduct/one-processor.ts";
import type { Results } from "./conduct/results.ts";
import { countSteps, run } from "./conduct/run.ts";
import { writeDocument } from "./report/document.ts";
import { toJson } from "./report/json.ts";
import { toMarkdown } from "./report/markdown.ts";
import { makeReport } from "./report/report.ts";
import { describeSetting } from "./report/setting.ts";
import { measurementsFor, type Table } from "./tables/table.ts";

const DOCS = fileURLToPath(new URL("../../../docs", import.meta.url));

// An end by `exit` takes the contestants along; the default does not.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const)
  process.once(signal, () => process.exit(1));

let options: Arguments | null = null;
try {
  options = readArguments(process.argv.slice(2));
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 2;
}
if (options?.help) console.log(USAGE);
else if (options) await bench(options);

async function bench({ tables: wanted, entries, ...settings }: Arguments): Promise<void> {
  const tables = wanted.filter(canBeMeasured);
  const { rounds, repeat } = settings;
  const setting = describeSetting({ rounds, repeat, scale: settings.scale });
  const measurements = measurementsFor(tables);
  const progress = new LineProgress(repeat * countSteps(measurements, entries, rounds));
  const runs: Results[] = [];
  for (let index = 0; index < repeat; index++)
    runs.push(await run(measurements, entries, { rounds, progress }));
  progress.end();
  const report = makeReport(tables, runs, setting);
  console.log(toMarkdown(report, null));
  if (settings.json !== null) writeFileSync(settings.json, toJson(report));
  if (settings.write) writeDocument(DOCS, report);
  if (report.failures.length > 0) process.exitCode = 1;
}

function canBeMeasured({ title, columns }: Table): boolean {
  const isPinned = columns.some(({ request }) => "onOneProcessor" in request);
  if (!isPinned || oneProcessor() !== null) return true;
  console.error(`skipped: ${title}: there is no taskset here`);
  return false;
}
