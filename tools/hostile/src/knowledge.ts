/** What a hostile peer knows of its link: names, sublinks and numbers that mean something to the victim. */
import type { SeededRandom } from "@ipcz/driver-mem";

/** One sublink as the hostile side counts it. */
export interface KnownSublink {
  readonly id: bigint;
  /** The number of the next parcel to the victim. */
  nextOut: number;
  /** The number of the next parcel from the victim. */
  nextIn: number;
}

const SUBLINKS_MAX = 40;
const NAMES_MAX = 12;

export class Knowledge {
  /** Names as they stand on the wire, 16 bytes each. */
  readonly names: Uint8Array[] = [new Uint8Array(16)];
  readonly sublinks: KnownSublink[] = [];
  readonly buffers: bigint[] = [0n];
  /** The hostile side's next own sublink. Side A and B draw from one counter unless MEM_V2 is agreed on. */
  private nextSublink = 5000n;
  private nextBuffer = 700n;

  constructor(initialPortals: number) {
    for (let i = 0; i < initialPortals; i++) this.addSublink(BigInt(i));
  }

  addName(name: Uint8Array): void {
    this.names.push(Uint8Array.from(name));
    if (this.names.length > NAMES_MAX) this.names.splice(1, 1);
  }

  addSublink(id: bigint): KnownSublink {
    const known = { id, nextOut: 0, nextIn: 0 };
    this.sublinks.push(known);
    if (this.sublinks.length > SUBLINKS_MAX) this.sublinks.shift();
    return known;
  }

  newSublink(): bigint {
    this.nextSublink++;
    return this.nextSublink;
  }

  newBuffer(): bigint {
    this.nextBuffer++;
    return this.nextBuffer;
  }

  sublink(random: SeededRandom): KnownSublink {
    return pick(random, this.sublinks) ?? this.addSublink(0n);
  }
}

/** One of `items`; undefined when there is none. */
export function pick<T>(random: SeededRandom, items: readonly T[]): T | undefined {
  return items[random.below(Math.max(1, items.length))];
}

/** The 16 bytes of a name as they stand on the wire: two little-endian halves, the higher one first. */
export function nameBytes(name: string): Uint8Array {
  const bytes = new Uint8Array(16);
  const view = new DataView(bytes.buffer);
  view.setBigUint64(0, BigInt(`0x${name.slice(0, 16)}`), true);
  view.setBigUint64(8, BigInt(`0x${name.slice(16)}`), true);
  return bytes;
}
