/**
 * Counts from native code that cannot be true: memory of that size cannot be shown to JavaScript, and the runtime would
 * abort the process over it.
 */

const BYTES_MAX = 2 ** 31;
const ELEMENTS_MAX = 2 ** 20;

/** So many bytes can be there. */
export function areBytes(count: number): boolean {
  return count >= 0 && count <= BYTES_MAX;
}

/** So many handles, portals or features can be there. */
export function areElements(count: number): boolean {
  return count >= 0 && count <= ELEMENTS_MAX;
}

/** A capacity, or as much of it as can be used. */
export function usableBytes(capacity: number): number {
  return areBytes(capacity) ? capacity : BYTES_MAX;
}
