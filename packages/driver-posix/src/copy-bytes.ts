/**
 * Copying small messages: a call of `set` with a subarray costs more than the bytes of most messages.
 */

/** Up to this many bytes loops are faster. */
const loopBytesMax = 256;

/** Copies `count` bytes. */
export function copyBytes(
  from: Uint8Array,
  fromStart: number,
  count: number,
  to: Uint8Array,
  toStart: number,
): void {
  if (count > loopBytesMax) {
    to.set(from.subarray(fromStart, fromStart + count), toStart);
    return;
  }
  for (let index = 0; index < count; index++) {
    to[toStart + index] = from[fromStart + index] as number;
  }
}

/** A buffer that can be written in words. */
export interface WordTarget {
  readonly bytes: Uint8Array;
  readonly words: Uint32Array;
}

/**
 * Copies messages from their start, word by word where it can. Senders build most messages in one buffer that they keep, so
 * its words are kept here too.
 */
export class MessageCopier {
  private source: Uint8Array = new Uint8Array(0);
  private words: Uint32Array = new Uint32Array(0);

  /** Copies the first `count` bytes of `from`. */
  copy(from: Uint8Array, count: number, to: WordTarget, toStart: number): void {
    const inWords = ((from.byteOffset | from.length | count | toStart) & 3) === 0;
    if (!inWords || count > loopBytesMax) {
      copyBytes(from, 0, count, to.bytes, toStart);
      return;
    }
    if (from !== this.source) {
      this.source = from;
      this.words = new Uint32Array(from.buffer, from.byteOffset, from.length >> 2);
    }
    const { words } = this;
    const target = to.words;
    const shift = toStart >> 2;
    for (let index = 0; index < count >> 2; index++) target[shift + index] = words[index] as number;
  }
}
