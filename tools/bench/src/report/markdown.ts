/**
 * A report as Markdown that can be read as plain text too. The headline of each cell is how far ipcz is ahead.
 */
import type { Cell } from "../tables/table.ts";
import type { GoalReached } from "../tables/goals.ts";
import { grid } from "./grid.ts";
import { figure, ratio, spreadOf } from "./numbers.ts";
import { type Report, type ReportedTable, rowLabel } from "./report.ts";
import { machineLines, type Setting } from "./setting.ts";

/** `pictureOf`: where the picture of a table is; null: there are none. */
export function toMarkdown(report: Report, pictureOf: ((id: string) => string) | null): string {
  const parts = [describe(report.setting), goalTable(report.goals)];
  for (const each of report.tables) parts.push(section(each, pictureOf));
  if (report.failures.length > 0) parts.push(failures(report));
  return `${parts.join("\n\n")}\n`;
}

function describe(setting: Setting): string {
  const { rounds, repeat, scale } = setting;
  const runs = repeat === 1 ? "" : `, in each of ${repeat} runs`;
  const length = scale === 1 ? "" : `, at ${scale} of full length`;
  return [
    ...machineLines(setting),
    `Medians of up to ${rounds} interleaved rounds${runs}${length}; lowest to highest in brackets.`,
    "What is printed bold is the ratio of medians (of several runs, the middle one): above 1, ipcz is ahead.",
  ].join("\n");
}

function section(reported: ReportedTable, pictureOf: ((id: string) => string) | null): string {
  const { table, rows } = reported;
  const arrow = table.better === "lower" ? "less is better" : "more is better";
  const head = ["", ...table.columns.map(({ label }) => label)];
  const body = rows.map((row) => [rowLabel(reported, row)].concat(row.cells.map(cellText)));
  return [
    `### ${table.title} (${table.unit}; ${arrow})`,
    table.about,
    ...(pictureOf ? [`![${table.title}](${pictureOf(table.id)})`] : []),
    grid(head, body),
  ].join("\n\n");
}

function cellText(cell: Cell | null): string {
  if (!cell) return "–";
  const ahead = cell.ahead === null ? "" : `**${ratio(cell.ahead)}** `;
  return `${ahead}${figure(cell.summary.median)}${spreadOf(cell.summary)}`;
}

function goalTable(goals: readonly GoalReached[]): string {
  const body = goals.map(({ goal, measured, met }) => [
    goal.text,
    `${goal.bound} ${figure(goal.limit)}${goal.unit}`,
    measured ? `${figure(measured.median)}${goal.unit}${spreadOf(measured)}` : "–",
    measured ? (met ? "yes" : "**no**") : "not measured",
  ]);
  return `### Goals\n\n${grid(["goal", "bound", "measured (single runs)", "met"], body)}`;
}

function failures({ failures: all }: Report): string {
  const lines = all.map(
    ({ contestant, request, reason }) =>
      `- ${contestant}, \`${JSON.stringify(request)}\`: ${reason.replaceAll("\n", " ")}`,
  );
  return `### Could not be measured\n\n${lines.join("\n")}`;
}
