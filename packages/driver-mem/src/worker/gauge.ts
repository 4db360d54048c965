/**
 * How much has been sent and read, in memory that both ends of a transport share.
 *
 * A `MessagePort` does not tell what waits in it. So a sender counts what it sends and a reader what it reads, side by
 * side in one small shared buffer that goes with the port. Counts are modulo 2^32; what waits at one time is less. A
 * sender that waits writes down the count it waits for and arms the gauge; the reader that reaches it disarms it and
 * posts a word. A peer that writes nonsense here misleads only whoever asks how much waits for that peer.
 */

/** Two words that name the transport, then for each side what it sends: sent, read, target, armed. */
const NAME_WORDS = 2;
const SIDE_WORDS = 4;
const SENT = 0;
const READ = 1;
const TARGET = 2;
const ARMED = 3;

/** The size of the shared buffer. */
export const GAUGE_BYTES: number = 4 * (NAME_WORDS + 2 * SIDE_WORDS);

/** The first or the second end of a transport. */
export type Side = 0 | 1;

/** Memory for a new gauge, with a name of its own. */
export function newGaugeMemory(): SharedArrayBuffer {
  const memory = new SharedArrayBuffer(GAUGE_BYTES);
  const name = globalThis.crypto.getRandomValues(new Uint32Array(NAME_WORDS));
  new Uint32Array(memory).set(name);
  return memory;
}

/** Shared memory of a size that cannot change. */
export function isFixedMemory(value: unknown): value is SharedArrayBuffer {
  return (
    value instanceof SharedArrayBuffer && !("growable" in value && (value.growable as boolean))
  );
}

/** The gauge as one end sees it. */
export class Gauge {
  readonly memory: SharedArrayBuffer;
  readonly side: Side;
  private readonly words: Int32Array;
  private readonly out: number;
  private readonly in: number;

  constructor(memory: SharedArrayBuffer, side: Side) {
    this.memory = memory;
    this.side = side;
    this.words = new Int32Array(memory);
    this.out = NAME_WORDS + side * SIDE_WORDS;
    this.in = NAME_WORDS + (1 - side) * SIDE_WORDS;
  }

  /** The same for both ends of a transport, and for no other. */
  get name(): string {
    return `${(this.word(0) >>> 0).toString(16)}-${(this.word(1) >>> 0).toString(16)}`;
  }

  /** Bytes that were sent to here and have not been read. */
  get waiting(): number {
    return (this.word(this.in + SENT) - this.word(this.in + READ)) >>> 0;
  }

  /** Bytes that were sent from here and have not been read. */
  get backlog(): number {
    return (this.word(this.out + SENT) - this.word(this.out + READ)) >>> 0;
  }

  /** So many more bytes have been sent from here. */
  send(byteCount: number): void {
    Atomics.add(this.words, this.out + SENT, byteCount);
  }

  /** So many more bytes have been read here. True when the sender waits for that and is to be told. */
  read(byteCount: number): boolean {
    const before = Atomics.add(this.words, this.in + READ, byteCount);
    if (this.word(this.in + ARMED) === 0) return false;
    const past = (before + byteCount - this.word(this.in + TARGET)) | 0;
    return past >= 0 && Atomics.exchange(this.words, this.in + ARMED, 0) === 1;
  }

  /** Asks the reader to tell when only `numBytes` of what has been sent so far are left. */
  arm(numBytes: number): void {
    Atomics.store(this.words, this.out + TARGET, (this.word(this.out + SENT) - numBytes) | 0);
    Atomics.store(this.words, this.out + ARMED, 1);
  }

  private word(index: number): number {
    return Atomics.load(this.words, index);
  }
}
