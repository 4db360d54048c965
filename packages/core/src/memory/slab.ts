/**
 * Where the bytes of small parcels lie that came inside their messages: one behind the other in a buffer that is used
 * again as soon as nobody needs any of them. A buffer of its own for each would cost more than reading the message.
 *
 * A slab in which a parcel waits for long is left to it, and a new one takes its place: what a peer can make a node keep is less
 * than what it sent.
 */
import type { BytesHome } from "./bytes-home.ts";
import { copySmall } from "./copy-small.ts";
import { CopyWords } from "./copy-words.ts";

/** Bytes of a slab. */
export const SLAB_BYTES = 16_384;
/** Slabs that a link keeps for its parcels: what one large read of a driver brings has room in them. */
const SLABS_MAX = 4;
/** Bytes of a parcel that is not small any more. */
export const SLAB_PARCEL_BYTES_MAX = 2048;

export class Slab implements BytesHome {
  readonly bytes: Uint8Array = new Uint8Array(SLAB_BYTES);
  private readonly words: Int32Array = new Int32Array(this.bytes.buffer);
  private readonly sourceWords = new CopyWords();
  private readonly targetWords = new CopyWords();
  private end = 0;
  private users = 0;

  get isEmpty(): boolean {
    return this.users === 0;
  }

  hasRoom(numBytes: number): boolean {
    return this.end + numBytes <= SLAB_BYTES;
  }

  /** Takes room for `numBytes` bytes, which there is, until `release`; answers where it starts. */
  take(numBytes: number): number {
    const start = this.end;
    // Parcels start at words.
    this.end = (start + numBytes + 7) & -8;
    this.users++;
    return start;
  }

  /** One parcel less. */
  release(): void {
    this.users--;
    if (this.users === 0) this.end = 0;
  }

  /** Copies the `count` bytes at `from` of `source` to `at`. */
  copyIn(at: number, source: Uint8Array, from: number, count: number): void {
    const sourceWords = this.sourceWords.of(source, count);
    copySmall(source, sourceWords, from, this.bytes, this.words, at, count);
  }

  view(start: number, numBytes: number): Uint8Array {
    return this.bytes.subarray(start, start + numBytes);
  }

  copyOut(start: number, target: Uint8Array, numBytes: number): void {
    const targetWords = this.targetWords.of(target, numBytes);
    copySmall(this.bytes, this.words, start, target, targetWords, 0, numBytes);
  }
}

/** The slabs of one link, in use by turns. */
export class Slabs {
  private readonly kept: Slab[] = [];
  private current = 0;

  /** One with room for `numBytes` bytes, at most SLAB_PARCEL_BYTES_MAX. */
  withRoom(numBytes: number): Slab {
    const slab = this.kept[this.current];
    return slab?.hasRoom(numBytes) === true ? slab : this.next();
  }

  /** The next one if it is empty, or a new one in its place. */
  private next(): Slab {
    this.current = this.kept.length === 0 ? 0 : (this.current + 1) % SLABS_MAX;
    const next = this.kept[this.current];
    return next?.isEmpty === true ? next : (this.kept[this.current] = new Slab());
  }
}
