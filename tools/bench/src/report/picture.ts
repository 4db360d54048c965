/**
 * A table as a picture (SVG): a dot for each median, a line from the lowest to the highest round. It brings its own
 * background, light or dark as the reader likes it, so that it can be read wherever it is shown.
 */
import { OUR_NAMES } from "../contestants/names.ts";
import type { Cell, Row } from "../tables/table.ts";
import { type Axis, axisFor } from "./axis.ts";
import { figure, ratio } from "./numbers.ts";
import { type ReportedTable, rowLabel } from "./report.ts";

const WIDTH = 860;
const PADDING = 24;
const PLOT_LEFT = 270;
const PLOT_RIGHT = 660;
const MEDIAN_RIGHT = 750;
const RATIO_RIGHT = WIDTH - PADDING;
const HEAD_HEIGHT = 92;
const GROUP_HEIGHT = 34;
const ROW_HEIGHT = 22;
const FOOT_HEIGHT = 40;

const STYLE = `
    .card { fill: #ffffff; stroke: #d1d9e0 }
    text { font: 13px system-ui, -apple-system, "Segoe UI", "Noto Sans", Helvetica, Arial, sans-serif; fill: #1f2328 }
    .title { font-size: 17px; font-weight: 600 }
    .group { font-weight: 600 }
    .faint { fill: #59636e; font-size: 12px }
    .grid { stroke: #e4e9ee }
    .rule { stroke: #d1d9e0 }
    .rival { fill: #818b98; stroke: #818b98 }
    .ours { fill: #0969da; stroke: #0969da }
    .name-ours { font-weight: 600 }
    .ahead { fill: #1a7f37; font-weight: 600 }
    .behind { fill: #cf222e; font-weight: 600 }
    .number { font-variant-numeric: tabular-nums }
    @media (prefers-color-scheme: dark) {
      .card { fill: #0d1117; stroke: #3d444d }
      text { fill: #f0f6fc }
      .faint { fill: #9198a1 }
      .grid { stroke: #21262d }
      .rule { stroke: #3d444d }
      .rival { fill: #9198a1; stroke: #9198a1 }
      .ours { fill: #4493f8; stroke: #4493f8 }
      .ahead { fill: #3fb950 }
      .behind { fill: #f85149 }
    }`;

export function toPicture(reported: ReportedTable): string {
  const { table, rows } = reported;
  const groups = table.columns.flatMap(({ label }, index) => {
    const members = rows.flatMap((row) => {
      const cell = row.cells[index];
      return cell ? [{ row, cell }] : [];
    });
    return members.length > 0 ? [{ label, members }] : [];
  });
  const axis = axisFor(
    rows.flatMap(({ cells }) => cells.flatMap((cell) => (cell ? extremes(cell) : []))),
  );
  const marks: string[] = [];
  let y = HEAD_HEIGHT;
  for (const { label, members } of groups) {
    marks.push(text(PADDING, y + 22, label, "group"));
    y += GROUP_HEIGHT;
    for (const { row, cell } of members) {
      marks.push(...rowMarks(rowLabel(reported, row), row, cell, axis, y + ROW_HEIGHT / 2));
      y += ROW_HEIGHT;
    }
  }
  const height = y + FOOT_HEIGHT;
  const hasRatios = rows.some(({ cells }) => cells.some((cell) => cell && cell.ahead !== null));
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img" aria-labelledby="title">`,
    `  <title id="title">${escape(table.title)}</title>`,
    `  <style>${STYLE}\n  </style>`,
    `  <rect class="card" x="0.5" y="0.5" width="${WIDTH - 1}" height="${height - 1}" rx="8"/>`,
    ...heading(reported, hasRatios),
    ...gridLines(axis, y),
    ...marks,
    "</svg>\n",
  ].join("\n");
}

function extremes({ summary }: Cell): number[] {
  return [summary.lowest, summary.median, summary.highest];
}

function heading({ table }: ReportedTable, hasRatios: boolean): string[] {
  const better = table.better === "lower" ? "less is better" : "more is better";
  const y = HEAD_HEIGHT - 8;
  return [
    text(PADDING, 36, table.title, "title"),
    text(
      PADDING,
      57,
      `${table.unit}; ${better}. Dot: median; line: lowest to highest round.`,
      "faint",
    ),
    text(MEDIAN_RIGHT, y, "median", "faint", "end"),
    ...(hasRatios ? [text(RATIO_RIGHT, y, "ipcz ahead", "faint", "end")] : []),
    `  <line class="rule" x1="${PADDING}" x2="${RATIO_RIGHT}" y1="${y + 8}" y2="${y + 8}"/>`,
  ];
}

function gridLines(axis: Axis, bottom: number): string[] {
  return axis.ticks.flatMap((tick) => {
    const x = across(axis, tick);
    return [
      `  <line class="grid" x1="${x}" x2="${x}" y1="${HEAD_HEIGHT + 8}" y2="${bottom + 6}"/>`,
      text(x, bottom + 22, shortNumber(tick), "faint", "middle"),
    ];
  });
}

function rowMarks(label: string, row: Row, cell: Cell, axis: Axis, y: number): string[] {
  const isOurs = OUR_NAMES.includes(row.contestant);
  const kind = isOurs ? "ours" : "rival";
  const { median, lowest, highest } = cell.summary;
  const baseline = y + 4.5;
  const marks = [
    text(PADDING + 12, baseline, label, isOurs ? "name-ours" : ""),
    `  <line class="${kind}" stroke-width="2" stroke-opacity="0.5" stroke-linecap="round" x1="${across(axis, lowest)}" x2="${across(axis, highest)}" y1="${y}" y2="${y}"/>`,
    `  <circle class="${kind}" cx="${across(axis, median)}" cy="${y}" r="4.5"/>`,
    text(MEDIAN_RIGHT, baseline, figure(median), "number", "end"),
  ];
  if (cell.ahead !== null)
    marks.push(
      text(RATIO_RIGHT, baseline, ratio(cell.ahead), cell.ahead >= 1 ? "ahead" : "behind", "end"),
    );
  return marks;
}

function across(axis: Axis, value: number): string {
  return (PLOT_LEFT + axis.place(value) * (PLOT_RIGHT - PLOT_LEFT)).toFixed(1);
}

function text(
  x: number | string,
  y: number,
  content: string,
  kind: string,
  anchor: "start" | "middle" | "end" = "start",
): string {
  const classes = kind === "" ? "" : ` class="${kind}"`;
  const anchored = anchor === "start" ? "" : ` text-anchor="${anchor}"`;
  return `  <text${classes} x="${x}" y="${y}"${anchored}>${escape(content)}</text>`;
}

/** Ticks: 50k, 2M. */
function shortNumber(value: number): string {
  const size = Math.abs(value);
  if (size >= 1e6) return `${Number((value / 1e6).toPrecision(3))}M`;
  if (size >= 1e3) return `${Number((value / 1e3).toPrecision(3))}k`;
  return String(Number(value.toPrecision(3)));
}

function escape(content: string): string {
  return content.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
