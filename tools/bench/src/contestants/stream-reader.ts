/**
 * Reads frames off a stream: many small messages with one call, large ones straight to where they will lie.
 */
import { LENGTH_BYTES } from "./frames.ts";
import type { Stream } from "./stream.ts";

const READ_BYTES = 256 << 10;
/** Calls for one event; then the event loop comes back. */
const READS_MAX = 4;

export class StreamReader {
  private readonly stream: Pick<Stream, "receive">;
  private readonly onMessage: (message: Uint8Array) => void;
  private readonly buffer = Buffer.allocUnsafeSlow(READ_BYTES);
  /** Bytes of a frame that has only begun, at the start of the buffer. */
  private kept = 0;
  /** A message that does not fit the buffer, used again for the next of its size; and how much of it is here. */
  private large: Uint8Array = new Uint8Array(0);
  private largeBytes = -1;

  constructor(stream: Pick<Stream, "receive">, onMessage: (message: Uint8Array) => void) {
    this.stream = stream;
    this.onMessage = onMessage;
  }

  /** Reads what there is, within bounds. False: the other end is closed. */
  read(): boolean {
    for (let reads = 0; reads < READS_MAX; reads++) {
      const isLarge = this.largeBytes >= 0;
      const start = isLarge ? this.largeBytes : this.kept;
      const target = isLarge ? this.large : this.buffer;
      const count = this.stream.receive(target.subarray(start), target.length - start);
      if (count === 0) return false;
      if (count < 0) return true;
      if (isLarge) this.fillLarge(count);
      else this.cut(this.kept + count);
      if (start + count < target.length) return true;
    }
    return true;
  }

  private fillLarge(count: number): void {
    this.largeBytes += count;
    if (this.largeBytes < this.large.length) return;
    this.largeBytes = -1;
    this.onMessage(this.large);
  }

  /** Hands out the whole messages among the first `end` bytes of the buffer, and prepares for the rest of the last. */
  private cut(end: number): void {
    const { buffer } = this;
    let start = 0;
    while (end - start >= LENGTH_BYTES) {
      const bytes = buffer.readUInt32LE(start);
      const next = start + LENGTH_BYTES + bytes;
      if (next > end) break;
      this.onMessage(buffer.subarray(start + LENGTH_BYTES, next));
      start = next;
    }
    const bytes = end - start >= LENGTH_BYTES ? buffer.readUInt32LE(start) : 0;
    if (LENGTH_BYTES + bytes <= READ_BYTES) {
      buffer.copyWithin(0, start, end);
      this.kept = end - start;
      return;
    }
    if (this.large.length !== bytes) this.large = new Uint8Array(bytes);
    this.large.set(buffer.subarray(start + LENGTH_BYTES, end));
    this.largeBytes = end - start - LENGTH_BYTES;
    this.kept = 0;
  }
}
