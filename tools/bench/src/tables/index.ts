/**
 * All tables.
 */
import { messageTables } from "./messages.ts";
import { portalTables } from "./portals.ts";
import type { Table } from "./table.ts";

const PAIRS = [1000, 100_000, 1_000_000];

/** `scale` is the length of each measurement, 1 is full; numbers of portals shrink only below a quarter. */
export function allTables(scale: number, pairs: readonly number[] = PAIRS): Table[] {
  const messages = messageTables(scale);
  return [...messages, ...portalTables({ scale, pairs })];
}

export const TABLE_IDS: readonly string[] = allTables(1).map(({ id }) => id);
