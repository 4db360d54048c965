/**
 * Runs what `process.nextTick` and promises have left to do, as the runtime does after each of its own
 * callbacks.
 *
 * Callbacks that a native module makes straight from the event loop do not get this: Node 26 then leaves an
 * `await` hanging until some timer or stream happens to fire, older versions are saved by accident a little
 * later.
 */
import process from "node:process";

type Drain = () => void;

/**
 * Throws `error` where nobody can catch it: an uncaught exception of the process, with its usual consequences.
 */
export function reportUncaught(error: unknown): void {
  queueMicrotask(() => {
    throw error;
  });
}

/**
 * Drains both queues now. Call it as the last thing of a native callback, with no other JavaScript on the stack.
 * Costs 0.2 to 0.7 microseconds when there is nothing to do.
 */
export const drainTasks: () => void = chooseDrain(
  // oxlint-disable-next-line no-underscore-dangle -- the runtime's own name for it, the same on Node 20 to 26
  (process as { readonly _tickCallback?: unknown })._tickCallback,
);

/** Without the undocumented entry, an immediate does the same one phase of the event loop later. */
export function chooseDrain(tickCallback: unknown): Drain {
  if (typeof tickCallback !== "function") return () => void setImmediate(() => undefined);
  const tick = tickCallback as Drain;
  return () => {
    for (;;) {
      try {
        tick.call(process);
        return;
      } catch (error) {
        // A nextTick callback threw; it is gone from the queue. Those behind it still have their turn.
        reportUncaught(error);
      }
    }
  };
}
