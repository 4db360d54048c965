/**
 * The reading end of a ring: copied out in large pieces, then handed on frame by frame.
 *
 * What is handed on is a copy, since the writer may change the ring at any time; its position is looked at once for
 * each piece. Whatever no honest writer publishes is `broken`.
 */
import { FrameMark, type FrameHeader, type WireCodec } from "../codec.ts";
import { ringReadBytesMax } from "../limits.ts";
import type { GatheredMessages } from "../gathered-messages.ts";
import type { FrameSink } from "../frame-sink.ts";
import { ringSpace, RingWord, type RingBytes } from "./ring-layout.ts";

/** As the outcomes of a socket's reader; `turned`: the next frame comes through the socket. */
export type RingOutcome = "drained" | "more" | "broken" | "stopped" | "turned";

/** What ring readers of a driver share. Reads do not nest. */
export interface RingReadSupplies {
  readonly codec: WireCodec;
  /** Holds a copied piece; longer than any frame in a ring. */
  readonly bytes: Uint8Array;
  readonly view: DataView;
  readonly words: Uint32Array;
  readonly gathered: GatheredMessages;
}

/** Up to this many bytes a loop over words is faster than a view. */
const loopBytesMax = 512;

/** Reads frames as long as there are any. */
export class RingReader {
  private readonly ring: RingBytes;
  private readonly supplies: RingReadSupplies;
  private readonly sink: FrameSink;
  private readonly header: FrameHeader = {
    frameBytes: 0,
    messageStart: 0,
    descriptorCount: 0,
    mark: FrameMark.none,
  };
  private head = 0;

  constructor(ring: RingBytes, supplies: RingReadSupplies, sink: FrameSink) {
    this.ring = ring;
    this.supplies = supplies;
    this.sink = sink;
  }

  /** Tells the writer that the ring is in use. */
  take(): void {
    Atomics.store(this.ring.state, RingWord.taken, 1);
  }

  /** True when nothing is published that has not been read, or the writer lies. */
  get idle(): boolean {
    return Atomics.load(this.ring.state, RingWord.tail) === this.head;
  }

  /** Says whether the writer has to ring from now on. */
  setAsleep(asleep: boolean): void {
    Atomics.store(this.ring.state, RingWord.asleep, asleep ? 1 : 0);
  }

  /** Hands on what is published, up to a fair share. Not called again after `broken` or `stopped`. */
  read(): RingOutcome {
    const { capacity, state } = this.ring;
    for (let readBytes = 0; readBytes < ringReadBytesMax;) {
      const tail = Atomics.load(state, RingWord.tail);
      const published = (tail - this.head) | 0;
      if (published === 0) return "drained";
      if (published < 0 || published > capacity) return "broken";
      const count = Math.min(published, this.supplies.bytes.length);
      this.copyOut(count);
      const before = this.head;
      this.sink.beginBatch(this.supplies.bytes);
      const progress = this.handOn(count);
      Atomics.store(state, RingWord.head, this.head);
      const isWanted = this.sink.endBatch();
      if (!isWanted && progress !== "broken") return "stopped";
      if (progress !== "on") return progress;
      const step = (this.head - before) | 0;
      // Whole frames are published, and the longest fits: only a full copy may end in the middle of one.
      if (step === 0 || (step < count && count === published)) return "broken";
      readBytes += step;
    }
    return "more";
  }

  /** Hands on the whole frames among the first `count` copied bytes, and moves the position behind them. */
  private handOn(count: number): "on" | "broken" | "stopped" | "turned" {
    const { codec, bytes, view, gathered } = this.supplies;
    const { header } = this;
    let at = 0;
    let progress: "on" | "broken" | "turned" = "on";
    while (count - at >= codec.headerBytesMin) {
      if (!codec.readHeader(view, at, header) || header.descriptorCount > 0) {
        progress = "broken";
        break;
      }
      if (header.frameBytes > count - at) break;
      const space = ringSpace(header.frameBytes);
      if (space > count - at) break;
      this.head = (this.head + space) | 0;
      if (header.mark !== FrameMark.none) {
        const isTurn = header.mark === FrameMark.turn && header.frameBytes === header.messageStart;
        progress = isTurn ? "turned" : "broken";
        break;
      }
      gathered.add(at + header.messageStart, header.frameBytes - header.messageStart);
      at += space;
    }
    return gathered.handOn(this.sink, bytes) ? progress : "stopped";
  }

  private copyOut(count: number): void {
    const { bytes, words, capacity } = this.ring;
    const target = this.supplies;
    const start = this.head & (capacity - 1);
    const first = Math.min(count, capacity - start);
    if (count <= loopBytesMax && ((count | start) & 3) === 0) {
      const from = start >> 2;
      const mask = (capacity >> 2) - 1;
      for (let index = 0; index < count >> 2; index++) {
        target.words[index] = words[(from + index) & mask] as number;
      }
      return;
    }
    target.bytes.set(bytes.subarray(start, start + first));
    if (first < count) target.bytes.set(bytes.subarray(0, count - first), first);
  }
}
