/**
 * Messages that must wait: for a blob to be read, or for a port that has messages of its own to send first. Whatever is
 * posted after one waits behind it.
 */
import type { IpczHandle } from "@ipcz/api";
import { EncodedMessage } from "./outgoing.ts";

/** A message with all that goes with it; everything in it is the outbox's. */
export interface WaitingMessage {
  readonly message: EncodedMessage;
  readonly handles: readonly IpczHandle[];
  readonly waits: readonly Promise<void>[];
}

/** What the outbox sends with: it takes the handles. */
export type Send = (message: EncodedMessage, handles: readonly IpczHandle[]) => void;

/** A queue of messages. */
export class Outbox {
  private readonly send: Send;
  private readonly discard: (handles: readonly IpczHandle[]) => void;
  private last: Promise<void> | null = null;

  /** `discard` closes handles that cannot be sent. */
  constructor(send: Send, discard: (handles: readonly IpczHandle[]) => void) {
    this.send = send;
    this.discard = discard;
  }

  /** Resolves when everything in it has been sent; null: nothing is in it. */
  get empty(): Promise<void> | null {
    return this.last;
  }

  /** Sends a message when all before it are sent and nothing keeps it. */
  add(waiting: WaitingMessage): void {
    const sent = this.sendAfter(this.last, waiting);
    this.last = sent;
    void this.forget(sent);
  }

  private async forget(sent: Promise<void>): Promise<void> {
    await sent;
    if (this.last === sent) this.last = null;
  }

  /** Never rejects: in the place of a message that cannot be completed goes one that says so. */
  private async sendAfter(
    before: Promise<void> | null,
    { message, handles, waits }: WaitingMessage,
  ): Promise<void> {
    let complete: EncodedMessage | null = message;
    try {
      await Promise.all([message.complete(), ...waits]);
    } catch {
      complete = null;
    }
    await before;
    try {
      this.send(complete ?? EncodedMessage.failure(), handles);
    } catch {
      // The table takes such a message from nobody; nobody is left who could be told but the other end.
      this.discard(handles);
      this.send(EncodedMessage.failure(), []);
    }
  }
}
