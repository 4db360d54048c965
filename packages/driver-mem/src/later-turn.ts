/**
 * A later turn of the host's event loop, with what the host has: `setImmediate` (Node; keeps the process alive only
 * while it is pending), a `MessageChannel` (browsers; not slowed down like their timers), or a timer.
 */

/** The part of `globalThis` that is used here. */
export interface TurnHost {
  readonly setImmediate?: ((run: () => void) => unknown) | undefined;
  readonly MessageChannel?:
    | (new () => {
        readonly port1: {
          addEventListener(event: "message", run: () => void): void;
          start(): void;
        };
        readonly port2: { postMessage(message: null): void };
      })
    | undefined;
  readonly setTimeout: (run: () => void, ms: number) => unknown;
}

/** Prepares `run`; each call of the answer runs it once, in a later turn. */
export function laterTurn(run: () => void, host: TurnHost = globalThis): () => void {
  const { setImmediate, MessageChannel, setTimeout } = host;
  if (setImmediate !== undefined) return () => void setImmediate(run);
  if (MessageChannel !== undefined) {
    const { port1, port2 } = new MessageChannel();
    port1.addEventListener("message", run);
    port1.start();
    return () => port2.postMessage(null);
  }
  return () => void setTimeout(run, 0);
}
