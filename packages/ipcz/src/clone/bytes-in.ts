/**
 * Bytes that came in: each is read once, since whoever sent them may still be able to write to them.
 */
import { Buffer } from "node:buffer";

/** Thrown by readers for bytes that are not a message; it stays within this folder's `decode`. */
export class MalformedMessage extends Error {}

const shortText = 16;

/** Reads from front to back and never past the end. */
export class BytesIn {
  private readonly buffer: Buffer;
  private readonly end: number;
  private position = 0;

  /** Only looks at `bytes`; they must stay valid while it is in use. */
  constructor(bytes: Uint8Array) {
    this.buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.end = bytes.byteLength;
  }

  get remaining(): number {
    return this.end - this.position;
  }

  byte(): number {
    const value = this.buffer[this.advance(1)];
    if (value === undefined) throw new MalformedMessage("a message ends too early");
    return value;
  }

  /** A whole number below 2^53. */
  varint(): number {
    let value = 0;
    let factor = 1;
    for (let count = 0; count < 8; count++) {
      const byte = this.byte();
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) {
        if (value > Number.MAX_SAFE_INTEGER) break;
        return value;
      }
      factor *= 128;
    }
    throw new MalformedMessage("a number is too long");
  }

  /** A number of bytes of which all must be there. */
  length(): number {
    const length = this.varint();
    if (length > this.remaining) throw new MalformedMessage("a message ends too early");
    return length;
  }

  double(): number {
    return this.buffer.readDoubleLE(this.advance(8));
  }

  characters(bytes: number, wide: boolean): string {
    const from = this.advance(bytes);
    if (wide) {
      if (bytes % 2 !== 0) throw new MalformedMessage("half a character");
      return this.buffer.toString("utf16le", from, from + bytes);
    }
    if (bytes > shortText) return this.buffer.toString("latin1", from, from + bytes);
    let text = "";
    for (let index = from; index < from + bytes; index++)
      text += String.fromCharCode(this.buffer[index] ?? 0);
    return text;
  }

  /** A copy of the next bytes, in a buffer of its own. */
  copy(bytes: number): ArrayBuffer {
    const target = new ArrayBuffer(bytes);
    this.copyTo(new Uint8Array(target), bytes);
    return target;
  }

  copyTo(target: Uint8Array, bytes: number): void {
    const from = this.advance(bytes);
    target.set(this.buffer.subarray(from, from + bytes));
  }

  private advance(bytes: number): number {
    const from = this.position;
    if (bytes > this.end - from) throw new MalformedMessage("a message ends too early");
    this.position = from + bytes;
    return from;
  }
}
