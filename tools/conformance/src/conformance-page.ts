/**
 * docs/conformance.md: what was run, where, and how it went.
 */
import { featureSets, scenarios } from "./scenario/catalogue.ts";
import type { EnvironmentElsewhere } from "./scenario/environments-system.ts";
import type { CaseResult } from "./table/outcome.ts";
import { totalsLine, totalsOf } from "./table/report.ts";

const MARKS = { passed: "✓", failed: "✗", skipped: "–" } as const;

/** Results of one run, and where and how it was made. */
export interface ConformanceRun {
  readonly setting: string;
  readonly results: readonly CaseResult[];
}

/** The results of several runs, and every setting in which one was made. */
export function together(runs: readonly ConformanceRun[]): ConformanceRun {
  const settings = new Set(runs.map(({ setting }) => setting));
  return { setting: [...settings].join("\n"), results: runs.flatMap(({ results }) => results) };
}

/** The page for these results; `elsewhere` are environments that cannot be run here. */
export function conformancePage(
  { setting, results }: ConformanceRun,
  elsewhere: readonly EnvironmentElsewhere[],
): string {
  const isScenario = new Set(scenarios.map(({ name }) => name));
  const ofScenarios = results.filter(({ name }) => isScenario.has(name));
  const ofTable = results.filter(({ name }) => !isScenario.has(name));
  return [
    "# Conformance",
    "",
    "Written by `npm run conformance -- --write`; `--help` lists the options. Tests that the C library has too bear its",
    "names. A scenario runs once for each feature set; a cell shows both results.",
    "",
    setting,
    "",
    `**${totalsLine(totalsOf(results))}**`,
    "",
    `## Scenarios (${featureSets.map(({ name }) => name).join(" / ")})`,
    "",
    ...scenarioTable(ofScenarios),
    "",
    ...notRun(results, elsewhere),
    "## The table of functions",
    "",
    ...functionTable(ofTable),
    "",
  ].join("\n");
}

/** Environments without results, and cases that were skipped: each with its reason. */
function notRun(
  results: readonly CaseResult[],
  elsewhere: readonly EnvironmentElsewhere[],
): string[] {
  const run = new Set(results.map(({ column }) => environmentOf(column)));
  const environments = elsewhere.filter(({ name }) => !run.has(name));
  const skipped = results.filter(({ status }) => status === "skipped");
  const lines = [
    ...environments.map(({ name, reason }) => `- ${name}: ${reason}`),
    ...skipped.map(({ name, column, reason }) => `- ${name}/${column}: ${reason ?? ""}`),
  ];
  return lines.length === 0 ? [] : ["Not run:", "", ...lines, ""];
}

/** Columns are "environment/features"; both feature sets share a cell. */
function scenarioTable(results: readonly CaseResult[]): string[] {
  const environments = [...new Set(results.map(({ column }) => environmentOf(column)))];
  const names = [...new Set(results.map(({ name }) => name))];
  const row = (name: string): string => {
    const cells = environments.map((environment) =>
      results
        .filter((result) => result.name === name && environmentOf(result.column) === environment)
        .map(({ status }) => MARKS[status])
        .join(" "),
    );
    return `| ${name} | ${cells.join(" | ")} |`;
  };
  const sums = environments.map((environment) => {
    const own = results.filter(({ column }) => environmentOf(column) === environment);
    return `${String(totalsOf(own).passed)}/${String(own.length)}`;
  });
  return [
    `| | ${environments.join(" | ")} |`,
    `|---|${environments.map(() => "---|").join("")}`,
    ...names.map(row),
    `| **passed** | ${sums.join(" | ")} |`,
  ];
}

function environmentOf(column: string): string {
  return column.slice(0, column.lastIndexOf("/"));
}

/** Named tests one by one; the generated ones, "function: fault", as counts by function. */
function functionTable(results: readonly CaseResult[]): string[] {
  const groups = new Map<string, CaseResult[]>();
  for (const result of results) {
    const group = result.name.split(/[./ :]/)[0] ?? result.name;
    groups.set(group, [...(groups.get(group) ?? []), result]);
  }
  const rows = [...groups].map(([group, own]) => {
    const { passed, failed, skipped } = totalsOf(own);
    return `| ${group} | ${String(passed)} | ${String(failed)} | ${String(skipped)} |`;
  });
  return ["| group | passed | failed | skipped |", "|---|---|---|---|", ...rows];
}
