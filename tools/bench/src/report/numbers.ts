/** Numbers as people read them: three digits that count, thousands apart. */
import type { Summary } from "./statistics.ts";

export function figure(value: number): string {
  if (value === 0) return "0";
  if (Math.abs(value) >= 1000) return Math.round(value).toLocaleString("en-US");
  if (Math.abs(value) < 0.01) return value.toExponential(1);
  return value.toPrecision(3);
}

export function ratio(value: number): string {
  return `${value >= 100 ? value.toFixed(0) : value.toPrecision(3)}×`;
}

/** Lowest to highest, behind a median; nothing when all are the same. */
export function spreadOf({ lowest, highest }: Summary): string {
  return lowest === highest ? "" : ` (${figure(lowest)}–${figure(highest)})`;
}
