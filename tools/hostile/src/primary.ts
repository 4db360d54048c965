/**
 * The initial image of a primary buffer: two counters, six allocators whose last block ends the list (wire 4.1).
 */
/** Where the last block of each list is, and what it names as the next. */
export const LAST_BLOCKS: readonly (readonly [at: number, next: number])[] = [
  [95_936, 0xfa34],
  [98_048, 0xfff7],
  [101_888, 0xfff8],
  [105_472, 0xfffc],
  [112_640, 0xfffc],
  [126_976, 0xfffc],
];

/** Writes it into zeroed memory of 131072 bytes. */
export function initPrimary(bytes: Uint8Array): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  view.setUint32(0, 1, true);
  view.setUint32(8, 12, true);
  for (const [at, next] of LAST_BLOCKS) view.setUint16(at + 2, next, true);
}
