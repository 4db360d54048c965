/**
 * The far end of every channel: echoes, counts and acknowledges, and says what it allocated.
 */
import { AllocationCounter } from "./allocation-counter.ts";
import {
  CONTROL,
  makePayload,
  nextMessage,
  packJson,
  PAYLOAD,
  type Port,
  unpackJson,
} from "./port.ts";

/** What the near end asks for, as JSON in a control message; it is answered with one message. */
export type Order =
  | { readonly order: "echo"; readonly bytes: number }
  /** One acknowledgement for so many messages. */
  | { readonly order: "count"; readonly burst: number }
  /** As count, and from here on allocation is counted. */
  | { readonly order: "count allocation"; readonly burst: number }
  /** What was allocated since then, as JSON in the answer. */
  | { readonly order: "allocated" };

/** Tells the far end what to do; resolves with its answer, when it is ready. */
export function give<M>(port: Port<M>, order: Order): Promise<Uint8Array> {
  const answer = nextMessage(port);
  port.send(port.prepare(packJson(CONTROL, order)));
  return answer;
}

/** Greets, and serves until the channel ends. */
export function serve<M>(port: Port<M>): void {
  const acknowledgement = port.prepare(makePayload(PAYLOAD, 1));
  const counter = new AllocationCounter();
  let echo: M | null = null;
  let burst = 1;
  let counted = 0;
  const count = (of: number): M => {
    burst = of;
    echo = null;
    counted = 0;
    return acknowledgement;
  };
  const obey = async (order: Order): Promise<M> => {
    switch (order.order) {
      case "echo":
        echo = port.prepare(makePayload(PAYLOAD, order.bytes));
        return acknowledgement;
      case "count":
        return count(order.burst);
      case "count allocation":
        await counter.start();
        return count(order.burst);
      case "allocated":
        return port.prepare(packJson(PAYLOAD, counter.stop()));
    }
  };
  port.onMessage = (firstByte, bytes) => {
    if (firstByte === CONTROL)
      void obey(unpackJson(bytes()) as Order).then((answer) => port.send(answer));
    else if (echo !== null) port.send(echo);
    else if (++counted === burst) {
      counted = 0;
      port.send(acknowledgement);
    }
  };
  port.send(acknowledgement);
}
