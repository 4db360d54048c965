/**
 * The work, as rows of what is measured and how it is shown.
 */
import type { Port } from "./port.ts";
import { oneWay, roundTrip } from "./work.ts";

export interface Table {
  readonly id: string;
  readonly title: string;
  readonly unit: string;
  /** "lower" for times, "higher" for rates. */
  readonly better: "lower" | "higher";
  /** Measures once; the number is in `unit`. `scale` shortens the work, 1 is full length. */
  measure<M>(port: Port<M>, scale: number): Promise<number>;
}

export const TABLES: readonly Table[] = [
  {
    id: "round-trip-64",
    title: "Round trip of 64 bytes",
    unit: "µs",
    better: "lower",
    measure: async (port, scale) => (await roundTrip(port, 64, scaled(4000, scale))) / 1000,
  },
  {
    id: "one-way-64",
    title: "One way, messages of 64 bytes",
    unit: "messages/s",
    better: "higher",
    measure: async (port, scale) => 1e9 / (await oneWay(port, 64, 250, scaled(1600, scale), 16)),
  },
  {
    id: "bulk-1m",
    title: "One way, messages of 1 MiB",
    unit: "MB/s",
    better: "higher",
    measure: async (port, scale) =>
      (1e9 / (await oneWay(port, 1 << 20, 1, scaled(48, scale), 4))) * ((1 << 20) / 1e6),
  },
];

function scaled(count: number, scale: number): number {
  return Math.max(8, Math.round(count * scale));
}
