/**
 * docs/limits.md: one row for each entry of the table of bounds, its value as the program computes it and its reason
 * as the comment beside it gives it.
 */

export interface LimitRow {
  name: string;
  value: number;
  reason: string;
}

export function limitsDocument(rows: readonly LimitRow[]): string {
  return [
    "# Limits",
    "",
    "Generated from `packages/core/src/base/limits.ts` by `npm run docs:tables`; edit that file instead.",
    "",
    "Everything that can grow has a row here. What lies past a bound is the peer's fault unless the row says",
    "otherwise: its link is dropped and its memory given back.",
    "",
    "| limit | value | what it bounds, and why there |",
    "| --- | ---: | --- |",
    ...rows.map(
      ({ name, value, reason }) =>
        `| \`${name}\` | ${grouped(value)} | ${reason.replaceAll("|", String.raw`\|`)} |`,
    ),
    "",
  ].join("\n");
}

/** 1000000 as "1 000 000". */
function grouped(value: number): string {
  return value.toLocaleString("en-US").replaceAll(",", " ");
}
