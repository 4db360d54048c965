/**
 * docs/interop.md: which scenarios were run with whose nodes, how often, and how it went.
 */
import { totalsOf, type CaseResult } from "@ipcz/conformance/table";
import type { Campaign } from "./campaigns.ts";
import { placements } from "./placements.ts";

/** The page for these campaigns, in their order. */
export function interopPage(campaigns: readonly Campaign[]): string {
  return [
    "# Interop",
    "",
    "Written by `npm run interop -- --native <path> --write`; `--help` lists the options. Every conformance scenario, each",
    "node in a process of its own; nodes are ours (TS) or a native library's (C), loaded by `loadNative`. Each scenario",
    "runs with either memory layout; a cell sums up both, and all repeats.",
    "",
    ...placements.map(({ name, about }) => `- \`${name}\`: ${about}`),
    "- `library`: it failed by a known defect of the library, always or as often as is said, and never otherwise",
    "",
    ...reasonsIn(campaigns),
    "",
    ...campaigns.flatMap(sectionOf),
  ].join("\n");
}

function reasonsIn(campaigns: readonly Campaign[]): string[] {
  const excused = campaigns.flatMap(({ runs }) => runs.flat()).filter(isExcused);
  const lines = excused.map(({ name, reason }) => `- ${name}: ${String(reason)}`);
  return [...new Set(lines)].toSorted();
}

function sectionOf({ setting, runs }: Campaign): string[] {
  const all = runs.flat();
  const { passed, failed, skipped } = totalsOf(all);
  const columns = [...new Set(all.map(({ column }) => placementOf(column)))];
  const names = [...new Set(all.map(({ name }) => name))];
  const row = (name: string): string => {
    const own = all.filter((each) => each.name === name);
    const cells = columns.map((placement) =>
      cellOf(own.filter(({ column }) => placementOf(column) === placement)),
    );
    return `| ${name} | ${cells.join(" | ")} |`;
  };
  return [
    `## ${setting}`,
    "",
    `**${String(passed)} passed, ${String(failed)} failed, ${String(skipped)} failed by a defect of the library**, in ${String(runs.length)} repeats.`,
    "",
    `| | ${columns.join(" | ")} |`,
    `|---|${columns.map(() => "---|").join("")}`,
    ...names.map(row),
    "",
  ];
}

/** A failure of ours is not hidden behind one of the library. */
function cellOf(results: readonly CaseResult[]): string {
  const { passed, failed, skipped } = totalsOf(results);
  const count = String(results.length);
  if (failed > 0) return `${String(passed)}/${count}`;
  if (skipped === 0) return "✓";
  return skipped === results.length ? "library" : `library ${String(skipped)}/${count}`;
}

function isExcused({ status }: CaseResult): boolean {
  return status === "skipped";
}

function placementOf(column: string): string {
  return column.split("/")[0] ?? column;
}
