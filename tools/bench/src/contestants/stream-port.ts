/**
 * Messages over a stream of bytes that is read and written in calls of ours: what the floors have in common. What is sent
 * in one turn leaves in one call.
 */
import type { Port } from "../messages/port.ts";
import { LENGTH_BYTES } from "./frames.ts";
import { StreamReader } from "./stream-reader.ts";
import type { Stream } from "./stream.ts";

const CHUNK_BYTES = 64 << 10;

export class StreamPort implements Port<Uint8Array> {
  onMessage: (firstByte: number, bytes: () => Uint8Array) => void = () => {};
  private readonly stream: Stream;
  /** What waits to be sent, in order; the last may still be filled. */
  private waiting: Uint8Array[] = [];
  private chunk: Buffer = Buffer.allocUnsafeSlow(CHUNK_BYTES);
  private chunkBytes = 0;
  private flushing = false;
  private blocked = false;

  constructor(stream: Stream) {
    this.stream = stream;
    const reader = new StreamReader(stream, (message) =>
      this.onMessage(message[0] ?? 0, () => message),
    );
    stream.open({
      readable: () => {
        if (!reader.read()) this.close();
      },
      writable: () => {
        this.blocked = false;
        this.flush();
      },
    });
  }

  prepare(bytes: Uint8Array): Uint8Array {
    return bytes;
  }

  send(message: Uint8Array): void {
    const fits = this.chunkBytes + LENGTH_BYTES + message.length <= CHUNK_BYTES;
    if (!fits) this.sealChunk();
    this.chunk.writeUInt32LE(message.length, this.chunkBytes);
    this.chunkBytes += LENGTH_BYTES;
    if (LENGTH_BYTES + message.length <= CHUNK_BYTES) {
      this.chunk.set(message, this.chunkBytes);
      this.chunkBytes += message.length;
    } else {
      this.sealChunk();
      this.waiting.push(message);
    }
    if (this.flushing || this.blocked) return;
    this.flushing = true;
    queueMicrotask(this.flush);
  }

  close(): void {
    this.stream.close();
  }

  /** What is in the chunk goes before what comes now. */
  private sealChunk(): void {
    if (this.chunkBytes === 0) return;
    this.waiting.push(this.chunk.subarray(0, this.chunkBytes));
    this.chunk = Buffer.allocUnsafeSlow(CHUNK_BYTES);
    this.chunkBytes = 0;
  }

  private readonly flush = (): void => {
    this.flushing = false;
    while (this.waiting.length > 0) {
      const [first] = this.waiting;
      const rest = first && this.sendNow(first, first.length);
      if (rest) this.waiting[0] = rest;
      if (rest) return;
      this.waiting.shift();
    }
    const rest = this.chunkBytes > 0 ? this.sendNow(this.chunk, this.chunkBytes) : null;
    if (rest) this.waiting.push(Uint8Array.from(rest));
    this.chunkBytes = 0;
  };

  /** What could not be sent; null: nothing is left. */
  private sendNow(bytes: Uint8Array, count: number): Uint8Array | null {
    const sent = this.stream.send(bytes, count);
    this.blocked = sent < count;
    return this.blocked ? bytes.subarray(sent, count) : null;
  }
}
