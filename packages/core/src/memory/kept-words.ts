/**
 * The 32-bit words of a small buffer, kept for the next use of the same one: making a typed array costs more than copying
 * the bytes of a small parcel.
 */
import { isSmallCopy } from "./copy-small.ts";

/** Larger buffers are not kept alive for the sake of their words. */
const KEPT_BYTES_MAX = 65_536;

export class KeptWords {
  private bytes: Uint8Array | null = null;
  private words: Int32Array = new Int32Array(0);

  /**
   * For a copy of `count` bytes. Null: that is done without words, or the buffer is too large to keep, or does not begin
   * at a word.
   */
  of(bytes: Uint8Array, count: number): Int32Array | null {
    if (!isSmallCopy(count)) return null;
    if (bytes === this.bytes) return this.words;
    if (bytes.byteOffset % 4 !== 0 || bytes.length > KEPT_BYTES_MAX) return null;
    this.bytes = bytes;
    this.words = new Int32Array(bytes.buffer, bytes.byteOffset, bytes.length >> 2);
    return this.words;
  }
}
