/**
 * What the border costs, as a section of docs/benchmarks.md; the rest of that page is written by people and by the
 * other benchmarks.
 */
import type { Row } from "./timing.ts";

const BEGIN = "<!-- border: from here on written by npm run bench:border -- --write -->";
const END = "<!-- end of border -->";

/** The table; `setting` says where it was measured. */
export function borderTable(rows: readonly Row[], setting: string): string {
  return [
    setting,
    "",
    "| call | median | lowest to highest round |",
    "| --- | --- | --- |",
    ...rows.map(({ what, timing: { median, lowest, highest } }) => {
      return `| ${what} | ${duration(median)} | ${duration(lowest)}–${duration(highest)} |`;
    }),
  ].join("\n");
}

function duration(nanoseconds: number): string {
  return nanoseconds < 1000
    ? `${nanoseconds.toPrecision(3)} ns`
    : `${(nanoseconds / 1000).toPrecision(3)} µs`;
}

/** `page` with `table` for what was there before. Throws when the page has no such section. */
export function withBorder(page: string, table: string): string {
  const begin = page.indexOf(BEGIN);
  const end = page.indexOf(END);
  if (begin < 0 || end < begin) throw new Error(`the page lacks the lines ${BEGIN} and ${END}`);
  return `${page.slice(0, begin)}${BEGIN}\n\n${table}\n\n${page.slice(end)}`;
}
