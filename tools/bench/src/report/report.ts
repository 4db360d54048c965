/**
 * Everything that a run has to tell, in one value, for all the forms it is told in.
 */
import type { Failure, Results } from "../conduct/results.ts";
import { REFERENCE } from "../contestants/names.ts";
import { type GoalReached, judge } from "../tables/goals.ts";
import { type Row, rowsOf, type Table } from "../tables/table.ts";
import type { Setting } from "./setting.ts";

export interface Report {
  readonly setting: Setting;
  readonly tables: readonly ReportedTable[];
  readonly goals: readonly GoalReached[];
  readonly failures: readonly Failure[];
}

export interface ReportedTable {
  readonly table: Table;
  /** Not empty. */
  readonly rows: readonly Row[];
}

export function makeReport(
  tables: readonly Table[],
  runs: readonly Results[],
  setting: Setting,
): Report {
  const reported = tables.map((table) => ({ table, rows: rowsOf(table, runs, REFERENCE) }));
  return {
    setting,
    tables: reported.filter(({ rows }) => rows.length > 0),
    goals: judge(tables, runs),
    failures: runs.flatMap(({ failures }) => failures),
  };
}

/** What stands before a row: the contestant where there are several, the line where there are several. */
export function rowLabel({ table, rows }: ReportedTable, row: Row): string {
  const { label } = row.line;
  if (label === "") return row.contestant;
  const alone = rows.every(({ contestant }) => contestant === rows[0]?.contestant);
  return alone && table.doneBy !== "everybody" ? label : `${row.contestant}, ${label}`;
}
