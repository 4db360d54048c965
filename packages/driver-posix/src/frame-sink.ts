/**
 * What readers of frames hand their messages to.
 */
import type { Descriptor } from "./fd.ts";

/** Where messages go. An answer of false means that no more are wanted. */
export interface FrameSink {
  /** What one read has brought follows; messages in `lent` stay there as they are until the batch has ended. */
  beginBatch(lent: Uint8Array): void;
  /** Takes one message, the bytes of `buffer` from `start` to `end`, lent for the call, and its descriptors, for good. */
  accept(
    buffer: Uint8Array,
    start: number,
    end: number,
    descriptors: readonly Descriptor[],
  ): boolean;
  /** Takes `count` messages without descriptors; `spans` says for each where it starts and how many bytes it has. */
  acceptAll(buffer: Uint8Array, spans: Int32Array, count: number): boolean;
  endBatch(): boolean;
}
