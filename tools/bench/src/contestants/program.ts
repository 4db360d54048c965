/**
 * A contestant seen by the process it runs in: answers requests, one at a time.
 */
import type { Carrier, Channel } from "../messages/port.ts";
import { allocation, oneWay, roundTrip, startUp } from "../messages/work.ts";
import type { Answer, Request } from "../protocol.ts";

export interface Program {
  answer(request: Request): Promise<Answer>;
  close(): Promise<void>;
}

/** Does all work with messages over one channel, which is opened when it is first needed. */
export class MessageProgram<M, C extends Channel<M> = Channel<M>> implements Program {
  private readonly carrier: Carrier<M, C>;
  private channel: C | null = null;

  constructor(carrier: Carrier<M, C>) {
    this.carrier = carrier;
  }

  async answer(request: Request): Promise<Answer> {
    switch (request.work) {
      case "round-trip":
        return { figures: await roundTrip((await this.open()).port, request) };
      case "one-way":
        return { figures: await oneWay((await this.open()).port, request) };
      case "allocation":
        return { figures: await allocation((await this.open()).port, request) };
      case "start-up":
        return { figures: await startUp(this.carrier) };
      case "routes":
      case "portals":
      case "pairs":
      case "idle":
        return { unsupported: true };
    }
  }

  async close(): Promise<void> {
    await this.channel?.close();
  }

  protected async open(): Promise<C> {
    this.channel ??= await this.carrier.open();
    return this.channel;
  }
}
