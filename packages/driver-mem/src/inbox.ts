/** What has been sent to one end of a transport and not been delivered: a first-in, first-out queue. */
import type { MemObject } from "./objects.ts";

/** One message under way. Its objects belong to nobody; who drops the message discards them. */
export interface Message {
  readonly data: Uint8Array;
  readonly objects: readonly MemObject[] | null;
  /** Not to be delivered before this step or turn of the scheduler; 0: at once. */
  readonly readyAt: number;
}

/** Below this many delivered entries the array is not worth moving. */
const COMPACT_MIN = 1024;

/** Messages in the order they were sent. */
export class Inbox {
  private messages: (Message | null)[] = [];
  /** Index of the next message to deliver. */
  private head = 0;
  private byteCount = 0;

  get count(): number {
    return this.messages.length - this.head;
  }

  /** Of all messages that wait. */
  get bytes(): number {
    return this.byteCount;
  }

  push(message: Message): void {
    this.messages.push(message);
    this.byteCount += message.data.length;
  }

  peek(): Message | null {
    return this.messages[this.head] ?? null;
  }

  shift(): Message | null {
    const message = this.messages[this.head] ?? null;
    if (message === null) return null;
    this.byteCount -= message.data.length;
    this.messages[this.head++] = null;
    if (this.head === this.messages.length) {
      this.messages.length = 0;
      this.head = 0;
    } else if (this.head >= COMPACT_MIN && this.head * 2 >= this.messages.length) {
      this.messages.splice(0, this.head);
      this.head = 0;
    }
    return message;
  }

  /** Keeps the first `count` messages and answers with the others. */
  keep(count: number): Message[] {
    const dropped: Message[] = [];
    for (const message of this.messages.splice(this.head + count)) {
      if (message === null) continue;
      this.byteCount -= message.data.length;
      dropped.push(message);
    }
    return dropped;
  }
}
