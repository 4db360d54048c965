/**
 * Results as text, as Markdown and as JSON. The headline is the ratio of medians to ours.
 */
import os from "node:os";
import process from "node:process";
import type { Summary } from "./statistics.ts";
import type { TableResult } from "./run.ts";
import type { Table } from "./tables.ts";

/** Where a run was made; the figures mean little without it. */
export interface Setting {
  readonly node: string;
  readonly system: string;
  readonly processor: string;
  readonly cores: number;
  readonly rounds: number;
}

export function describeSetting(rounds: number): Setting {
  const cpus = os.cpus();
  return {
    node: process.version,
    system: `${os.type()} ${os.release()} ${os.arch()}`,
    processor: cpus[0]?.model.trim() ?? "unknown",
    cores: cpus.length,
    rounds,
  };
}

/** How much better ours is: 2 means half the time, or twice the rate. */
export function advantage(table: Table, ours: Summary, other: Summary): number {
  return table.better === "lower" ? other.median / ours.median : ours.median / other.median;
}

export function toMarkdown(results: readonly TableResult[], setting: Setting): string {
  const lines = [
    `Node ${setting.node}, ${setting.system}, ${setting.processor}, ${setting.cores} cores; medians of ${setting.rounds} interleaved rounds, lowest to highest in brackets. The last column is the ratio of medians: above 1, ipcz is ahead.`,
    "",
  ];
  for (const { table, results: rows } of results) {
    const ours = rows[0]?.summary;
    if (!ours) continue;
    lines.push(`### ${table.title}`, "", `| | ${table.unit} | ipcz is ahead by |`, "|---|---|---|");
    for (const { name, summary } of rows) {
      const ratio = name === rows[0]?.name ? "" : `${advantage(table, ours, summary).toFixed(2)} ×`;
      lines.push(`| ${name} | ${spread(summary)} | ${ratio} |`);
    }
    lines.push("");
  }
  return lines.join("\n");
}

function spread({ median, lowest, highest }: Summary): string {
  return `${figure(median)} (${figure(lowest)} – ${figure(highest)})`;
}

function figure(value: number): string {
  return value >= 1000 ? Math.round(value).toLocaleString("en-US") : value.toPrecision(3);
}

export function toJson(results: readonly TableResult[], setting: Setting): string {
  const tables = results.map(({ table, results: rows }) => ({
    id: table.id,
    title: table.title,
    unit: table.unit,
    better: table.better,
    results: rows.map(({ name, summary }) => ({ name, ...summary })),
  }));
  return JSON.stringify({ setting, tables }, null, 2);
}
