/**
 * The words of a buffer that small copies go from or to, kept for the next one.
 */
import { KeptWords } from "../base/kept-words.ts";
import { isSmallCopy } from "./copy-small.ts";

/** Larger buffers are not kept alive for the sake of their words. */
const KEPT_BYTES_MAX = 65_536;

export class CopyWords {
  private readonly kept = new KeptWords(KEPT_BYTES_MAX);

  /** For a copy of `count` bytes. Null: that is done without words, or the buffer has none (see KeptWords). */
  of(bytes: Uint8Array, count: number): Int32Array | null {
    return isSmallCopy(count) ? this.kept.of(bytes) : null;
  }
}
