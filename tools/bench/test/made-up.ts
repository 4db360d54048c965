/** Results that were never measured, to be presented and judged. */
import { Results } from "../src/conduct/results.ts";
import type { Figures } from "../src/protocol.ts";
import type { Setting } from "../src/report/setting.ts";
import type { Column, Table } from "../src/tables/table.ts";

export const SETTING: Setting = {
  date: "2000-01-01",
  commit: "0123abc",
  node: "v20.19.0",
  v8: "11.3",
  zeromq: "6.8.0",
  system: "Linux 6 x64",
  processor: "a processor",
  cores: 2,
  memoryGiB: 8,
  loadBefore: 0.5,
  rounds: 2,
  repeat: 1,
  scale: 1,
};

export const COLUMNS: readonly Column[] = [
  { label: "64 B", request: { work: "round-trip", bytes: 64, count: 1 } },
  { label: "1 KiB", request: { work: "round-trip", bytes: 1024, count: 1 } },
];

export const TIMES: Table = {
  id: "times",
  title: "Times < others",
  about: "How long it took.",
  unit: "µs",
  better: "lower",
  doneBy: "everybody",
  columns: COLUMNS,
  lines: [{ label: "", value: ({ nanoseconds }) => nanoseconds && nanoseconds / 1000 }],
};

export const RATES: Table = {
  ...TIMES,
  id: "rates",
  title: "Rates",
  unit: "1/s",
  better: "higher",
  lines: [{ label: "", value: ({ nanoseconds }) => nanoseconds && 1e9 / nanoseconds }],
};

/** `rounds` by contestant: the figures of each round, for every column. */
export function resultsOf(
  columns: readonly Column[],
  rounds: Readonly<Record<string, readonly Figures[]>>,
): Results {
  const results = new Results(Object.keys(rounds));
  for (const { request } of columns)
    for (const [contestant, all] of Object.entries(rounds))
      for (const figures of all) results.add(request, contestant, figures);
  return results;
}
