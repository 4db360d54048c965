/**
 * A report as JSON: every sample, for tools that look further.
 */
import type { Report } from "./report.ts";

export function toJson({ setting, tables, goals, failures }: Report): string {
  const value = {
    setting,
    goals: goals.map(({ goal, measured, met }) => ({
      goal: goal.text,
      bound: goal.bound,
      limit: goal.limit,
      unit: goal.unit.trim(),
      measured,
      met: measured ? met : null,
    })),
    tables: tables.map(({ table, rows }) => ({
      id: table.id,
      title: table.title,
      unit: table.unit,
      better: table.better,
      columns: table.columns.map(({ label, request }) => ({ label, request })),
      rows: rows.map(({ contestant, line, cells }) => ({ contestant, line: line.label, cells })),
    })),
    failures,
  };
  return `${JSON.stringify(value, null, 2)}\n`;
}
