/**
 * The buffer that a driver lends for the time of a batch: small parcels that came in it stay where they are, and most of
 * them are read before it ends. Those that are not move to a slab then.
 */
import type { BytesHome } from "./bytes-home.ts";
import { copySmall } from "./copy-small.ts";
import { CopyWords } from "./copy-words.ts";
import type { Slabs } from "./slab.ts";

/** Whoever has bytes in what is lent. */
export interface LentUser {
  /** The loan ends: bytes that are still wanted are to be copied now. */
  moveOut(): void;
}

const NO_BYTES = new Uint8Array(0);

export class LentBytes implements BytesHome {
  /** Where those go that are still wanted at the end. */
  readonly slabs: Slabs;
  private lent: Uint8Array = NO_BYTES;
  private readonly sourceWords = new CopyWords();
  private readonly targetWords = new CopyWords();
  /** The first `count` of them; places are kept for the next loan. */
  private readonly users: (LentUser | null)[] = [];
  private count = 0;

  constructor(slabs: Slabs) {
    this.slabs = slabs;
  }

  /** What is lent. */
  get bytes(): Uint8Array {
    return this.lent;
  }

  /** `bytes` stay as they are up to `end`; null: nothing is lent. */
  begin(bytes: Uint8Array | null): void {
    this.lent = bytes ?? NO_BYTES;
  }

  /** What is in `bytes` may stay there for now; whoever leaves something there is to be added. */
  isLending(bytes: Uint8Array): boolean {
    return bytes === this.lent;
  }

  add(user: LentUser): void {
    this.users[this.count++] = user;
  }

  end(): void {
    const { users, count } = this;
    for (let index = 0; index < count; index++) {
      users[index]?.moveOut();
      users[index] = null;
    }
    this.count = 0;
    this.lent = NO_BYTES;
  }

  view(start: number, numBytes: number): Uint8Array {
    return this.lent.subarray(start, start + numBytes);
  }

  copyOut(start: number, target: Uint8Array, numBytes: number): void {
    const words = this.sourceWords.of(this.lent, numBytes);
    const targetWords = this.targetWords.of(target, numBytes);
    copySmall(this.lent, words, start, target, targetWords, 0, numBytes);
  }

  release(): void {}
}
