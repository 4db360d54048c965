/**
 * Cells of native code: pointers that a caller gave for results, or for counts in and out.
 */
import type { Out } from "@ipcz/api";
import { readWordAt, writeWordAt } from "./native-memory.ts";

/** What native code has put into the cell at `address`; null for a null pointer. */
export function cellAt(address: number): Out<number> | null {
  return address === 0 ? null : { value: readWordAt(address) };
}

/** An empty cell for the one at `address`; null for a null pointer. */
export function emptyCellAt<T extends number>(address: number, value: T): Out<T> | null {
  return address === 0 ? null : { value };
}

/** Writes a cell's value to `address`, if both are there. */
export function writeCell(address: number, cell: Out<number> | null): void {
  if (address !== 0 && cell !== null) writeWordAt(address, cell.value);
}
