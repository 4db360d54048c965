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

// oxlint-disable-next-line typescript/unbound-method -- called with a receiver; Node 20 looks it up anew for each call
const { set } = Uint8Array.prototype;

/** No larger buffer is kept alive for the sake of its view. */
const keptBytesMax = 16_384;

/**
 * Copies messages from their start. Senders build most messages in one buffer that they keep, and many of one length: so
 * the view of the last one is kept, too. Making it costs twice as much as copying a small message through it.
 */
export class MessageCopier {
  private source: Uint8Array = new Uint8Array(0);
  private message: Uint8Array = new Uint8Array(0);

  /** Copies the first `count` bytes of `from`. */
  copy(from: Uint8Array, count: number, to: Uint8Array, toStart: number): void {
    if (count > keptBytesMax) {
      copyBytes(from, 0, count, to, toStart);
      return;
    }
    if (from !== this.source || count !== this.message.length) {
      this.source = from;
      this.message = from.subarray(0, count);
    }
    set.call(to, this.message, toStart);
  }
}
