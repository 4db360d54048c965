/**
 * Two ways to state an invariant. All are always on; messages are constants (a template string would cost
 * forty times the check). An assert that fires is a bug of ours: nobody catches it, and no peer may reach it.
 */

/** An invariant of ours. `message` starts with the I-number of the rule where it has one. */
export function assert(condition: boolean, message: string): asserts condition {
  if (!condition) throw new Error(message);
}

/** `value`, which cannot be null or undefined here. */
export function verify<T>(value: T | null | undefined, message: string): T {
  if (value === null || value === undefined) throw new Error(message);
  return value;
}
