/**
 * Messages without descriptors that lie in one buffer, gathered while their frames are read, to be handed on together:
 * the layers above are gone through once for all of them.
 */
import type { FrameSink } from "./frame-sink.ts";

/** For one read at a time. */
export class GatheredMessages {
  /** Where each starts, and how many bytes it is. */
  private readonly spans: Int32Array;
  private count = 0;

  /** With room for `max` messages: as many as one read can bring. */
  constructor(max: number) {
    this.spans = new Int32Array(2 * max);
  }

  add(start: number, numBytes: number): void {
    const at = 2 * this.count;
    this.spans[at] = start;
    this.spans[at + 1] = numBytes;
    this.count++;
  }

  /** Hands on all there are, in `buffer`, and begins anew; false when the sink wants no more. */
  handOn(sink: FrameSink, buffer: Uint8Array): boolean {
    const { count } = this;
    this.count = 0;
    return count === 0 || sink.acceptAll(buffer, this.spans, count);
  }
}
