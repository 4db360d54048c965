/**
 * A 64-bit word as a number. What is kept in words here (handles, addresses, sizes) is below 2^53.
 */

const HIGH = 2 ** 32;

/** The unsigned word at `offset`; above 2^53 it is rounded. */
export function readWord(view: DataView, offset: number): number {
  return view.getUint32(offset, true) + view.getUint32(offset + 4, true) * HIGH;
}

/** Writes `value`, an integer from 0 on. */
export function writeWord(view: DataView, offset: number, value: number): void {
  view.setUint32(offset, value % HIGH, true);
  view.setUint32(offset + 4, Math.floor(value / HIGH), true);
}
