/**
 * The work that every contestant does, over one channel; times in nanoseconds.
 */
import { makePayload, PAYLOAD, type Port } from "./port.ts";
import { type Order, orderMessage } from "./serve.ts";

/** Sends a message and waits for its echo, `count` times. Returns the median time of one round trip. */
export async function roundTrip<M>(
  port: Port<M>,
  numBytes: number,
  count: number,
): Promise<number> {
  await give(port, { work: "echo", numBytes, burst: 1 });
  const message = port.prepare(makePayload(PAYLOAD, numBytes));
  const times = new Float64Array(count);
  await new Promise<void>((resolve) => {
    let done = 0;
    let startedAt = process.hrtime.bigint();
    port.onMessage = () => {
      const now = process.hrtime.bigint();
      times[done++] = Number(now - startedAt);
      if (done === count) {
        resolve();
        return;
      }
      startedAt = process.hrtime.bigint();
      port.send(message);
    };
    port.send(message);
  });
  return times.toSorted()[count >> 1] ?? 0;
}

/**
 * Sends `bursts` bursts of `burst` messages, at most `ahead` bursts without an acknowledgement. Returns the time per
 * message.
 */
export async function oneWay<M>(
  port: Port<M>,
  numBytes: number,
  burst: number,
  bursts: number,
  ahead: number,
): Promise<number> {
  await give(port, { work: "count", numBytes: 1, burst });
  const message = port.prepare(makePayload(PAYLOAD, numBytes));
  const startedAt = process.hrtime.bigint();
  await new Promise<void>((resolve) => {
    let sent = 0;
    let acknowledged = 0;
    const sendBurst = (): void => {
      sent++;
      for (let index = 0; index < burst; index++) port.send(message);
    };
    port.onMessage = () => {
      acknowledged++;
      if (acknowledged === bursts) resolve();
      else if (sent < bursts) sendBurst();
    };
    const first = Math.min(ahead, bursts);
    for (let burstsSent = 0; burstsSent < first; burstsSent++) sendBurst();
  });
  return Number(process.hrtime.bigint() - startedAt) / (burst * bursts);
}

/** Tells the far end what to do, and waits until it is ready. */
function give<M>(port: Port<M>, order: Order): Promise<void> {
  return new Promise((resolve) => {
    port.onMessage = () => resolve();
    port.send(port.prepare(orderMessage(order)));
  });
}
