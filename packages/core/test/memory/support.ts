/**
 * What the tests of shared memory have in common: random numbers by seed, and bytes as hex.
 */
import type { Region } from "../../src/memory/region.ts";

/** Numbers from 0 up to, not including, `limit`; the same ones for the same seed. */
export function seededRandom(seed: number): (limit: number) => number {
  let state = seed >>> 0;
  return (limit) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % limit;
  };
}

/** `count` bytes of a region, as "01 00 02". */
export function hex(region: Region, offset: number, count: number): string {
  return [...region.bytes(offset, count)]
    .map((byte) => byte.toString(16).padStart(2, "0"))
    .join(" ");
}
