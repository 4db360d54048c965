/**
 * The 32-bit words of a buffer, kept for the next use of the same one: making a typed array costs more than copying or
 * reading some hundred bytes.
 */
export class KeptWords {
  private readonly keptBytesMax: number;
  private bytes: Uint8Array | null = null;
  private words: Int32Array = new Int32Array(0);

  /** Buffers of more than `keptBytesMax` bytes are not kept alive for the sake of their words. */
  constructor(keptBytesMax: number) {
    this.keptBytesMax = keptBytesMax;
  }

  /** Null: the buffer is too large to keep, or does not begin at a word. */
  of(bytes: Uint8Array): Int32Array | null {
    return bytes === this.bytes ? this.words : this.change(bytes);
  }

  private change(bytes: Uint8Array): Int32Array | null {
    if (bytes.byteOffset % 4 !== 0 || bytes.length > this.keptBytesMax) return null;
    this.bytes = bytes;
    this.words = new Int32Array(bytes.buffer, bytes.byteOffset, bytes.length >> 2);
    return this.words;
  }
}
