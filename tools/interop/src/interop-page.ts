/**
 * docs/interop.md: which scenarios were run with whose nodes, how often, and how it went.
 */
import { totalsOf, type CaseResult } from "@ipcz/conformance/table";
import { placements } from "./placements.ts";

/** The page for these runs, each with all cases; `setting` says where they were made. */
export function interopPage(runs: readonly (readonly CaseResult[])[], setting: string): string {
  const all = runs.flat();
  const columns = [...new Set(all.map(({ column }) => placementOf(column)))];
  const names = [...new Set(all.map(({ name }) => name))];
  const { passed, failed, skipped } = totalsOf(all);
  const cell = (name: string, placement: string): string => {
    const own = all.filter((each) => each.name === name && placementOf(each.column) === placement);
    const good = own.filter(({ status }) => status === "passed").length;
    if (good === own.length) return "✓";
    const excused = own.some(({ status }) => status === "skipped");
    return excused ? "library" : `${String(good)}/${String(own.length)}`;
  };
  const reasons = new Set(
    all.flatMap(({ status, reason }) => (status === "skipped" ? [reason] : [])),
  );
  const about = placements.filter(({ name }) => columns.includes(name));
  return [
    "# Interop",
    "",
    "Written by `npm run interop -- --native <path> --write`; `--help` lists the options. Every conformance scenario, each",
    "node in a process of its own; nodes are ours (TS) or a native library's (C), loaded by `loadNative`.",
    "",
    setting,
    "",
    `**${String(passed)} passed, ${String(failed)} failed, ${String(skipped)} fail by a defect of the library**, in ${String(runs.length)} repeats.`,
    "",
    ...about.map(({ name, about: text }) => `- \`${name}\`: ${text}`),
    "",
    `| | ${columns.join(" | ")} |`,
    `|---|${columns.map(() => "---|").join("")}`,
    ...names.map((name) => `| ${name} | ${columns.map((each) => cell(name, each)).join(" | ")} |`),
    "",
    ...[...reasons].map((reason) => `\`library\`: ${String(reason)}.`),
    "",
  ].join("\n");
}

function placementOf(column: string): string {
  return column.split("/")[0] ?? column;
}
