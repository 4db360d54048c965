/**
 * Mapped bytes and atomic words: every access to shared memory happens here.
 *
 * The other side may change any byte at any time. Whoever reads a word reads it once, checks what it got, and uses
 * that. Offsets are bytes from the start of the region; words must lie at multiples of their size. An offset past the
 * end throws, so callers check what a peer told them against `size` first.
 */
import { assert } from "../base/assert.ts";
import { Limits } from "../base/limits.ts";
import { copyFromPage } from "./copy-from-page.ts";
import { copySmall, isSmallCopy } from "./copy-small.ts";
import { CopyWords } from "./copy-words.ts";

const ID_MAX = BigInt(Limits.wireIntegerMax);

export class Region {
  /** Bytes. */
  readonly size: number;
  private readonly view: Uint8Array;
  private readonly words: Int32Array;
  private readonly longs: BigInt64Array;
  private readonly targetWords = new CopyWords();

  /** Over mapped memory or a SharedArrayBuffer; `bytes` must begin at a multiple of 8 in its buffer. */
  constructor(bytes: Uint8Array) {
    assert(bytes.byteOffset % 8 === 0, "shared memory is 8-aligned");
    const { buffer, byteOffset, byteLength } = bytes;
    this.size = byteLength;
    this.view = bytes;
    this.words = new Int32Array(buffer, byteOffset, Math.floor(byteLength / 4));
    this.longs = new BigInt64Array(buffer, byteOffset, Math.floor(byteLength / 8));
  }

  load(offset: number): number {
    return Atomics.load(this.words, offset >>> 2);
  }

  /** As load, unsigned. */
  loadU32(offset: number): number {
    return Atomics.load(this.words, offset >>> 2) >>> 0;
  }

  store(offset: number, value: number): void {
    Atomics.store(this.words, offset >>> 2, value);
  }

  /** As store, but ordered with nothing: for words that a later store publishes. */
  storePlain(offset: number, value: number): void {
    this.words[offset >>> 2] = value;
  }

  /** Answers the value before, as the four below do. */
  add(offset: number, value: number): number {
    return Atomics.add(this.words, offset >>> 2, value);
  }

  subtract(offset: number, value: number): number {
    return Atomics.sub(this.words, offset >>> 2, value);
  }

  setBits(offset: number, bits: number): number {
    return Atomics.or(this.words, offset >>> 2, bits);
  }

  clearBits(offset: number, bits: number): number {
    return Atomics.and(this.words, offset >>> 2, ~bits);
  }

  /** Writes `replacement` if the word is `expected`. Answers what was there: `expected` means it was written. */
  compareExchange(offset: number, expected: number, replacement: number): number {
    return Atomics.compareExchange(this.words, offset >>> 2, expected, replacement);
  }

  loadLong(offset: number): bigint {
    return BigInt.asUintN(64, Atomics.load(this.longs, offset >>> 3));
  }

  storeLong(offset: number, value: bigint): void {
    Atomics.store(this.longs, offset >>> 3, BigInt.asIntN(64, value));
  }

  /**
   * Takes `count` consecutive ids from a 64-bit counter; answers the first. Null when the counter, which a peer can
   * write, has left the range of ids (spec: wire 4.9).
   */
  takeIds(offset: number, count: number): number | null {
    const first = Atomics.add(this.longs, offset >>> 3, BigInt(count));
    if (first < 0n || first > ID_MAX - BigInt(count)) return null;
    return Number(first);
  }

  /** A view of `size` bytes; nothing is copied. */
  bytes(offset: number, size: number): Uint8Array {
    assert(offset + size <= this.size, "a view lies inside its region");
    return this.view.subarray(offset, offset + size);
  }

  /** Copies the first `size` bytes of `source` to `offset`. */
  copyIn(offset: number, source: Uint8Array, size: number): void {
    assert(offset + size <= this.size, "a copy stays inside its region");
    const { view } = this;
    if (source.length === size) view.set(source, offset);
    else if (size > LOOP_BYTES_MAX) view.set(source.subarray(0, size), offset);
    else for (let index = 0; index < size; index++) view[offset + index] = source[index]!;
  }

  /** Copies `size` bytes at `offset` to the start of `target`. */
  copyOut(offset: number, target: Uint8Array, size: number): void {
    assert(offset + size <= this.size, "a copy stays inside its region");
    if (isSmallCopy(size)) {
      const targetWords = this.targetWords.of(target, size);
      copySmall(this.view, this.words, offset, target, targetWords, 0, size);
    } else copyFromPage(this.view, offset, target, size);
  }
}

/** Up to this many bytes a loop is faster than making a view; measured on Node 20. */
const LOOP_BYTES_MAX = 128;
