/**
 * The few fields of a message that say something about shared memory: read by offset (spec: wire 2), because the
 * implementation under replay is not asked about itself.
 */

/** A place in a buffer. */
export interface Place {
  readonly bufferId: bigint;
  readonly offset: number;
  readonly size: number;
}

/** Ids of messages that bring a link its first buffer. */
const CARRIES_PRIMARY: ReadonlySet<number> = new Set([0, 4, 5, 7, 11]);
const CONNECT_BROKERS = 7;
const ADD_BLOCK_BUFFER = 14;
const ACCEPT_PARCEL = 20;
const ACCEPT_BYPASS_LINK = 31;
const BYPASS_PEER_WITH_LINK = 34;
const RELAY_MESSAGE = 66;

const NO_BUFFER = 2n ** 64n - 1n;
const ARRAY_HEADER_BYTES = 8;
const DESCRIPTOR_BYTES = 96;
const ALREADY_BYPASSED = 0x2;

/** Reads one message. */
export class MessageFacts {
  private readonly view: DataView;
  readonly id: number;

  constructor(bytes: Uint8Array) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.id = this.view.getUint8(2);
  }

  /** The memory that it carries becomes buffer 0 of a link. */
  get carriesPrimary(): boolean {
    return CARRIES_PRIMARY.has(this.id);
  }

  /** Brokers both offer a buffer; the one of the greater name counts. -1: it is no such offer. */
  get offeredBy(): bigint {
    if (this.id !== CONNECT_BROKERS) return -1n;
    return (this.view.getBigUint64(32, true) << 64n) | this.view.getBigUint64(40, true);
  }

  /** The id under which the memory it carries joins a link; null: it brings none. */
  get addedBuffer(): bigint | null {
    const start = this.id === RELAY_MESSAGE ? this.relayedStart : 0;
    if (this.view.getUint8(start + 2) !== ADD_BLOCK_BUFFER) return null;
    return this.view.getBigUint64(start + 32, true);
  }

  /** The node at the other end of the link that it concerns, in hexadecimal; null: the link that it travels on. */
  get destination(): string | null {
    if (this.id !== RELAY_MESSAGE) return null;
    return Buffer.from(this.view.buffer, this.view.byteOffset + 32, 16).toString("hex");
  }

  /** Where a parcel's data is. */
  get parcelFragment(): Place | null {
    return this.id === ACCEPT_PARCEL ? this.placeAt(56) : null;
  }

  /** Link states that it announces. */
  get linkStates(): Place[] {
    const places = this.linkStateOffsets().map((offset) => this.placeAt(offset));
    return places.filter((place) => place !== null);
  }

  private linkStateOffsets(): number[] {
    if (this.id === ACCEPT_BYPASS_LINK) return [72];
    if (this.id === BYPASS_PEER_WITH_LINK) return [48];
    const array = this.id === ACCEPT_PARCEL ? this.view.getUint32(80, true) : 0;
    if (array === 0) return [];
    const count = this.view.getUint32(array + 4, true);
    const starts = Array.from(
      { length: count },
      (_, index) => array + ARRAY_HEADER_BYTES + index * DESCRIPTOR_BYTES,
    );
    return starts
      .filter((start) => (this.view.getUint8(start + 64) & ALREADY_BYPASSED) !== 0)
      .map((start) => start + 16);
  }

  private placeAt(offset: number): Place | null {
    const bufferId = this.view.getBigUint64(offset, true);
    if (bufferId === NO_BUFFER) return null;
    return {
      bufferId,
      offset: this.view.getUint32(offset + 8, true),
      size: this.view.getUint32(offset + 12, true),
    };
  }

  private get relayedStart(): number {
    return this.view.getUint32(48, true) + ARRAY_HEADER_BYTES;
  }
}
