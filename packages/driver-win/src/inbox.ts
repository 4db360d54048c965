/**
 * Frames in: whole ones are handed on where they lie, the rest is put together.
 *
 * The bytes are a stranger's. Whatever no honest peer sends ends the reading: a length below the header's or above the
 * bound, or handles beside a message, which Windows does not have. A length that a peer claims costs nothing: the buffer
 * of a partial frame is at most twice as large as what has arrived.
 */
import {
  frameHeaderBytesMin,
  isFrameHeader,
  readFrameBytes,
  readHandleCount,
  readHeaderBytes,
} from "@ipcz/mojo-codec";
import { keptFrameBytesMax } from "./limits.ts";

const partialBytesMin = 1024;
const noBytes = new Uint8Array(0);

/** Where messages go. The answers are false to stop. */
export interface MessageSink {
  /** Messages follow. */
  beginBatch(): void;
  /** Takes one message: the bytes of `buffer` from `start` to `end`, lent for the call. */
  accept(buffer: Uint8Array, start: number, end: number): boolean;
  endBatch(): boolean;
}

/**
 * - `on`: there may be more.
 * - `stopped`: the sink wants no more.
 * - `malformed`: no honest peer sends that.
 */
export type Progress = "on" | "stopped" | "malformed";

/** The receiving half of one pipe. */
export class Inbox {
  private readonly sink: MessageSink;
  private readonly frameBytesMax: number;
  /** A frame that has begun; its first `have` bytes. */
  private partial: Uint8Array = noBytes;
  private have = 0;
  /** What is being taken: `at` is where the part begins that has not been looked at. */
  private current: Uint8Array = noBytes;
  private at = 0;

  constructor(sink: MessageSink, frameBytesMax: number) {
    this.sink = sink;
    this.frameBytesMax = frameBytesMax;
  }

  /** Takes what has arrived, lent for the call. Not called again after anything but `on`. */
  push(bytes: Uint8Array): Progress {
    this.sink.beginBatch();
    this.current = bytes;
    this.at = 0;
    const progress = this.handOn(bytes);
    this.current = noBytes;
    const isWanted = this.sink.endBatch();
    return progress === "on" && !isWanted ? "stopped" : progress;
  }

  /** Forgets, and answers, what has come and was not handed on. */
  takeRest(): Uint8Array {
    const rest = Buffer.concat([
      this.partial.subarray(0, this.have),
      this.current.subarray(this.at),
    ]);
    this.partial = noBytes;
    this.have = 0;
    this.current = noBytes;
    return rest;
  }

  private handOn(bytes: Uint8Array): Progress {
    let at = 0;
    while (this.have > 0) {
      const taken = this.complete(bytes, at);
      if (taken === null) return "malformed";
      at += taken.count;
      if (!taken.isWhole) return "on";
      const frame = this.partial;
      const { have } = this;
      this.have = 0;
      if (frame.length > keptFrameBytesMax) this.partial = noBytes;
      this.at = at;
      if (!this.sink.accept(frame, headerLength(frame, 0), have)) return "stopped";
    }
    const view = viewOf(bytes);
    while (bytes.length - at >= frameHeaderBytesMin) {
      const frameBytes = this.frameBytesAt(view, at);
      if (frameBytes === null) return "malformed";
      const end = at + frameBytes;
      if (end > bytes.length) break;
      this.at = end;
      if (!this.sink.accept(bytes, at + readHeaderBytes(view, at), end)) return "stopped";
      at = end;
    }
    this.keep(bytes, at, bytes.length - at);
    return "on";
  }

  /** Adds to the frame that has begun; null when it is malformed. */
  private complete(
    bytes: Uint8Array,
    start: number,
  ): { readonly count: number; readonly isWhole: boolean } | null {
    const before = this.have;
    if (before < frameHeaderBytesMin) {
      this.keep(bytes, start, Math.min(frameHeaderBytesMin - before, bytes.length - start));
      if (this.have < frameHeaderBytesMin) return { count: this.have - before, isWhole: false };
    }
    const frameBytes = this.frameBytesAt(viewOf(this.partial), 0);
    if (frameBytes === null) return null;
    const at = start + this.have - before;
    this.keep(bytes, at, Math.min(frameBytes - this.have, bytes.length - at), frameBytes);
    return { count: this.have - before, isWhole: this.have === frameBytes };
  }

  private frameBytesAt(view: DataView, at: number): number | null {
    const frameBytes = readFrameBytes(view, at);
    const isHonest =
      isFrameHeader(readHeaderBytes(view, at), frameBytes) &&
      readHandleCount(view, at) === 0 &&
      frameBytes <= this.frameBytesMax;
    return isHonest ? frameBytes : null;
  }

  private keep(bytes: Uint8Array, start: number, count: number, wanted = 0): void {
    if (count === 0) return;
    const needed = this.have + count;
    if (needed > this.partial.length) {
      const capacity = Math.max(needed, Math.min(wanted, 2 * needed), partialBytesMin);
      const larger = new Uint8Array(capacity);
      larger.set(this.partial.subarray(0, this.have));
      this.partial = larger;
    }
    this.partial.set(bytes.subarray(start, start + count), this.have);
    this.have = needed;
  }
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
}

function headerLength(frame: Uint8Array, at: number): number {
  return readHeaderBytes(viewOf(frame), at);
}
