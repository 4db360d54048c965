/**
 * The notifications of one activation: never two at a time, `ERROR` at most once, `DEACTIVATED` exactly once
 * and last.
 *
 * What becomes due while a notification runs is delivered when that one has returned. A handler that throws is
 * reported as an uncaught exception and counts as one that rejects the message.
 */
import { reportUncaught } from "@ipcz/abi/ffi";
import {
  IPCZ_RESULT_INTERNAL,
  IPCZ_RESULT_OK,
  IPCZ_RESULT_UNIMPLEMENTED,
  IPCZ_TRANSPORT_ACTIVITY_DEACTIVATED,
  IPCZ_TRANSPORT_ACTIVITY_ERROR,
  type IpczDriverHandle,
  type IpczHandle,
  type IpczResult,
  type IpczTransportActivityBatch,
  type IpczTransportActivityHandler,
} from "@ipcz/api";

/** Speaks to one listener. */
export class Activity {
  private readonly listener: IpczHandle;
  private readonly handler: IpczTransportActivityHandler;
  private readonly batch: IpczTransportActivityBatch | null;
  private readonly alone = new Int32Array(2);
  private running = false;
  private error: "none" | "due" | "told" = "none";
  private end: "none" | "due" | "told" = "none";

  constructor(listener: IpczHandle, handler: IpczTransportActivityHandler) {
    this.listener = listener;
    this.handler = handler;
    this.batch = handler.batch ?? null;
  }

  /** Delivers a message; false when the listener rejects it, which calls for {@link Activity.tellError}. */
  message(data: Uint8Array, handles: readonly IpczDriverHandle[] | null): boolean {
    return this.settled(this.call(data, handles, 0));
  }

  /** The same for one of a batch, without handles: the `numBytes` bytes of `buffer` from `start`. */
  messageAt(buffer: Uint8Array, start: number, numBytes: number): boolean {
    this.alone[0] = start;
    this.alone[1] = numBytes;
    return this.messagesAt(buffer, this.alone, 1);
  }

  /**
   * The same for `count` messages of a batch, without handles, in `buffer`: `spans` has two numbers for each, where it
   * starts and how many bytes it is. False as soon as one is rejected: those behind it are not delivered.
   */
  messagesAt(buffer: Uint8Array, spans: Int32Array, count: number): boolean {
    const { batch } = this;
    if (!batch?.messages) return this.oneByOne(buffer, spans, count);
    this.running = true;
    let accepted = 0;
    try {
      accepted = batch.messages(this.listener, buffer, spans, count);
    } catch (error) {
      reportUncaught(error);
    }
    this.running = false;
    this.settle();
    return accepted === count;
  }

  private oneByOne(buffer: Uint8Array, spans: Int32Array, count: number): boolean {
    // Once it has ended, nobody waits for the rest.
    for (let index = 0; index < count && this.end === "none"; index++) {
      const start = spans[2 * index]!;
      if (!this.message(buffer.subarray(start, start + spans[2 * index + 1]!), null)) return false;
    }
    return true;
  }

  /**
   * Messages follow at once, up to {@link Activity.endBatch}; the listener may put things off. Those that lie in `lent`, if
   * it is given, stay there until then.
   */
  beginBatch(lent?: Uint8Array): void {
    this.batch?.begin(lent);
  }

  /** There are no more for now. */
  endBatch(): void {
    this.batch?.end();
  }

  /** `ERROR`, now or as soon as the running notification has returned. */
  tellError(): void {
    if (this.error !== "none" || this.end !== "none") return;
    this.error = "due";
    this.settle();
  }

  /** `DEACTIVATED`, now or as soon as the running notification has returned. */
  tellEnd(): void {
    if (this.end !== "none") return;
    this.end = "due";
    this.settle();
  }

  /** What became due while a message was delivered is told; whether the message was accepted. */
  private settled(result: IpczResult): boolean {
    this.settle();
    return result === IPCZ_RESULT_OK || result === IPCZ_RESULT_UNIMPLEMENTED;
  }

  private settle(): void {
    if (this.running) return;
    if (this.error === "due" && this.end === "none") {
      this.error = "told";
      this.call(null, null, IPCZ_TRANSPORT_ACTIVITY_ERROR);
    }
    if (this.end === "due") {
      this.end = "told";
      this.call(null, null, IPCZ_TRANSPORT_ACTIVITY_DEACTIVATED);
    }
  }

  private call(
    data: Uint8Array | null,
    handles: readonly IpczDriverHandle[] | null,
    flags: number,
  ): IpczResult {
    this.running = true;
    try {
      const numBytes = data?.length ?? 0;
      const numHandles = handles?.length ?? 0;
      return this.handler(this.listener, data, numBytes, handles, numHandles, flags, null);
    } catch (error) {
      reportUncaught(error);
      return IPCZ_RESULT_INTERNAL;
    } finally {
      this.running = false;
    }
  }
}
