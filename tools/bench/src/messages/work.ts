/**
 * The work that every contestant does over one channel; times in nanoseconds.
 */
import type { AllocationRequest, Figures, OneWayRequest, RoundTripRequest } from "../protocol.ts";
import { median } from "../report/statistics.ts";
import { AllocationCounter } from "./allocation-counter.ts";
import { type Carrier, type Channel, makePayload, PAYLOAD, type Port, unpackJson } from "./port.ts";
import { give } from "./serve.ts";

/** Sends a message and waits for its echo, `count` times. */
export async function roundTrip<M>(
  port: Port<M>,
  { bytes, count }: Omit<RoundTripRequest, "work">,
): Promise<Figures> {
  await give(port, { order: "echo", bytes });
  const message = port.prepare(makePayload(PAYLOAD, bytes));
  const times = new Float64Array(count);
  await new Promise<void>((resolve) => {
    let done = 0;
    let sentAt = 0;
    const send = (): void => {
      sentAt = performance.now();
      port.send(message);
    };
    port.onMessage = () => {
      times[done++] = performance.now() - sentAt;
      if (done < count) send();
      else resolve();
    };
    send();
  });
  return { nanoseconds: median(times) * 1e6 };
}

export async function oneWay<M>(port: Port<M>, request: OneWayRequest): Promise<Figures> {
  await give(port, { order: "count", burst: request.burst });
  const message = port.prepare(makePayload(PAYLOAD, request.bytes));
  const startedAt = performance.now();
  await sendBursts(port, message, request);
  const milliseconds = performance.now() - startedAt;
  return { nanoseconds: (milliseconds * 1e6) / (request.burst * request.bursts) };
}

export async function allocation<M>(port: Port<M>, request: AllocationRequest): Promise<Figures> {
  const message = port.prepare(makePayload(PAYLOAD, request.bytes));
  const counter = new AllocationCounter();
  await counter.start();
  await give(port, { order: "count allocation", burst: request.burst });
  await sendBursts(port, message, request);
  const sent = counter.stop();
  const received = Number(unpackJson(await give(port, { order: "allocated" })));
  const messages = request.burst * request.bursts;
  return { sent: sent / messages, received: received / messages };
}

export async function startUp<M>(carrier: Carrier<M, Channel<M>>): Promise<Figures> {
  const startedAt = performance.now();
  const channel = await carrier.open();
  const milliseconds = performance.now() - startedAt;
  await channel.close();
  return { nanoseconds: milliseconds * 1e6 };
}

/** Resolves when all bursts are acknowledged. */
function sendBursts<M>(
  port: Port<M>,
  message: M,
  { burst, bursts, ahead }: Pick<OneWayRequest, "burst" | "bursts" | "ahead">,
): Promise<void> {
  return new Promise((resolve) => {
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
    while (sent < Math.min(ahead, bursts)) sendBurst();
  });
}
