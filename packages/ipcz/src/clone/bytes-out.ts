/**
 * Bytes on their way out: a buffer that grows, and long runs of bytes left where they are until they are copied into
 * the parcel.
 */
import { Buffer } from "node:buffer";

/** From this length on bytes are not copied here, but once, to where they travel. */
export const chunkBytesMin: number = 16 * 1024;
const startBytes = 1024;
/** A buffer that has grown larger is not kept for the next message. */
const keptBytesMax = 1 << 20;
/** Up to here a loop over characters beats a call into native code. */
const shortText = 24;

const nothing = new Uint8Array(0);
const spare: Buffer[] = [];

/** Takes bytes in order. After {@link BytesOut.chunks} the bytes are valid until {@link BytesOut.release}. */
export class BytesOut {
  private buffer: Buffer = spare.pop() ?? Buffer.allocUnsafeSlow(startBytes);
  /** Where the bytes begin that are in no chunk yet. */
  private start = 0;
  private position = 0;
  private readonly done: Uint8Array[] = [];
  private doneBytes = 0;

  /** Bytes so far. */
  get length(): number {
    return this.doneBytes + this.position - this.start;
  }

  /** Everything written, in order. Chunks that were not copied are the writer's own and may change. */
  chunks(): Uint8Array[] {
    this.cut();
    return this.done;
  }

  /** The buffer may be used for the next message. */
  release(): void {
    const { length } = this.buffer;
    if (length > 0 && length <= keptBytesMax && spare.length < 4) spare.push(this.buffer);
    this.buffer = Buffer.alloc(0);
  }

  byte(value: number): void {
    this.reserve(1);
    this.buffer[this.position++] = value;
  }

  /** A whole number from 0 to 2^53 - 1. */
  varint(value: number): void {
    this.reserve(8);
    let rest = value;
    for (; rest > 0x7fffffff; rest = Math.floor(rest / 128))
      this.buffer[this.position++] = (rest % 128) | 0x80;
    for (; rest > 0x7f; rest >>>= 7) this.buffer[this.position++] = (rest & 0x7f) | 0x80;
    this.buffer[this.position++] = rest;
  }

  double(value: number): void {
    this.reserve(8);
    this.position = this.buffer.writeDoubleLE(value, this.position);
  }

  /** The characters of `text`, each in one byte if `wide` is false, else in two. */
  characters(text: string, wide: boolean): void {
    const bytes = wide ? text.length * 2 : text.length;
    this.reserve(bytes);
    if (!wide && bytes <= shortText)
      for (let index = 0; index < bytes; index++)
        this.buffer[this.position + index] = text.charCodeAt(index);
    else this.buffer.write(text, this.position, bytes, wide ? "utf16le" : "latin1");
    this.position += bytes;
  }

  bytes(value: Uint8Array): void {
    if (value.length >= chunkBytesMin) {
      this.cut();
      this.doneBytes += value.length;
      this.done.push(value);
      return;
    }
    this.reserve(value.length);
    this.buffer.set(value, this.position);
    this.position += value.length;
  }

  /** Leaves room for bytes that come later; the index of the chunk they will be. */
  gap(bytes: number): number {
    this.cut();
    this.doneBytes += bytes;
    return this.done.push(nothing) - 1;
  }

  private cut(): void {
    if (this.position === this.start) return;
    this.done.push(this.buffer.subarray(this.start, this.position));
    this.doneBytes += this.position - this.start;
    this.start = this.position;
  }

  private reserve(bytes: number): void {
    const needed = this.position + bytes;
    if (needed <= this.buffer.length) return;
    // Chunks that were cut keep the old buffer; what is in none moves on.
    const kept = this.position - this.start;
    const grown = Buffer.allocUnsafeSlow(Math.max(startBytes, 2 * (kept + bytes)));
    this.buffer.copy(grown, 0, this.start, this.position);
    this.buffer = grown;
    this.start = 0;
    this.position = kept;
  }
}

/** Whether all characters of `text` fit in one byte each. */
export function isLatin1(text: string): boolean {
  // oxlint-disable-next-line no-control-regex -- that is what is asked
  if (text.length > shortText) return !/[^\u0000-\u00ff]/.test(text);
  for (let index = 0; index < text.length; index++) if (text.charCodeAt(index) > 0xff) return false;
  return true;
}
