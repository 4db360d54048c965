/**
 * What must not reach native code, which takes every pointer and count at its word.
 */

/** A handle that may be valid; whether it is, native code knows. */
export function isHandle(handle: number): boolean {
  return Number.isSafeInteger(handle) && handle > 0;
}

/** A count or size. */
export function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}

/** `count` bytes can be read from, or written to, `buffer`. */
export function isBuffer(buffer: Uint8Array | null, count: number): boolean {
  if (!isCount(count)) return false;
  if (buffer === null || buffer === undefined) return count === 0;
  return buffer instanceof Uint8Array && count <= buffer.length;
}

/** `count` handles can be given away: all there, none of them twice. */
export function isGift(list: readonly number[] | null, count: number): boolean {
  if (!isCount(count)) return false;
  if (list === null || list === undefined) return count === 0;
  if (!isList(list) || count > list.length) return false;
  if (count < 2) return count === 0 || isHandle(list[0] ?? 0);
  const given = list.slice(0, count);
  return given.every((handle) => isHandle(handle)) && new Set(given).size === count;
}

/** Handles can be written to `list` from index 0; it grows as needed. */
export function isOutputList(list: number[] | null, capacity: number): boolean {
  return isCount(capacity) && (capacity === 0 || isList(list));
}

/** Flags as 32 bits. */
export function flagBits(flags: number): number {
  return flags >>> 0;
}

/** Callers without types may pass anything. */
function isList(list: unknown): list is readonly number[] {
  return Array.isArray(list);
}
