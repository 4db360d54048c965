/**
 * The far end of every channel: echoes, or counts and acknowledges.
 */
import { CONTROL, makePayload, PAYLOAD, type Port } from "./port.ts";

/** What the near end asks for, as JSON in a control message. */
export interface Order {
  readonly work: "echo" | "count";
  /** Bytes of an echo. */
  readonly numBytes: number;
  /** Count: one acknowledgement for so many messages. */
  readonly burst: number;
}

export function orderMessage(order: Order): Uint8Array {
  const text = new TextEncoder().encode(JSON.stringify(order));
  const bytes = new Uint8Array(text.length + 1);
  bytes[0] = CONTROL;
  bytes.set(text, 1);
  return bytes;
}

export function serve<M>(port: Port<M>): void {
  const acknowledgement = port.prepare(makePayload(PAYLOAD, 1));
  let order: Order = { work: "count", numBytes: 1, burst: 1 };
  let echo = acknowledgement;
  let counted = 0;
  port.onMessage = (firstByte, bytes) => {
    if (firstByte === CONTROL) {
      order = JSON.parse(new TextDecoder().decode(bytes().subarray(1))) as Order;
      echo = port.prepare(makePayload(PAYLOAD, order.numBytes));
      counted = 0;
      port.send(acknowledgement);
    } else if (order.work === "echo") port.send(echo);
    else if (++counted === order.burst) {
      counted = 0;
      port.send(acknowledgement);
    }
  };
}
