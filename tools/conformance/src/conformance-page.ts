/**
 * docs/conformance.md: what was run, where, and how it went.
 */
import { featureSets, scenarios } from "./scenario/catalogue.ts";
import type { CaseResult } from "./table/outcome.ts";
import { totalsLine, totalsOf } from "./table/report.ts";

const MARKS = { passed: "✓", failed: "✗", skipped: "–" } as const;

/** The page for these results; `setting` says where they were made. */
export function conformancePage(results: readonly CaseResult[], setting: string): string {
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
    "## The table of functions",
    "",
    ...functionTable(ofTable),
    "",
  ].join("\n");
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
