/**
 * Values of the application that C carries as `uintptr_t`.
 */

/** As native code takes it; null when it is neither a number nor a bigint of that range. */
export function contextToNative(context: unknown): number | bigint | null {
  if (context === null || context === undefined) return 0;
  if (typeof context === "bigint") return BigInt.asUintN(64, context) === context ? context : null;
  return typeof context === "number" && Number.isSafeInteger(context) && context >= 0
    ? context
    : null;
}

/** The backend gives the uppermost values as negative numbers. */
export function contextFromNative(word: number | bigint): number | bigint {
  return word < 0 ? BigInt.asUintN(64, BigInt(word)) : word;
}
