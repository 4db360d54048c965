/**
 * Random numbers from a seed, which is part of the test's name.
 */

export const seeds: readonly number[] = [1, 2, 3, 4, 5];

/** Numbers from 0 up to below `limit`. */
export function randomFrom(seed: number): (limit: number) => number {
  let state = seed >>> 0;
  return (limit) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % limit;
  };
}

export function randomBytes(random: (limit: number) => number, count: number): Uint8Array {
  return Uint8Array.from({ length: count }, () => random(256));
}
