/** An invariant of ours; one that fires is our bug. Always on; `message` is a constant. */
export function assert(condition: boolean, message: string): asserts condition {
  if (!condition) throw new Error(message);
}
