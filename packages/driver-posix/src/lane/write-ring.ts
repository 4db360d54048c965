/**
 * The writing end of a ring.
 */
import type { Chunk } from "../chunk.ts";
import { FrameMark, type WireCodec } from "../codec.ts";
import { copyBytes, type MessageCopier } from "../copy-bytes.ts";
import { ringSpace, RingWord, type RingBytes } from "./ring-layout.ts";

/** What ring writers of a driver share. */
export interface RingWriteSupplies {
  readonly codec: WireCodec;
  readonly copier: MessageCopier;
  /** Where a frame is put together that will be cut at the end of the ring. */
  readonly scratch: Chunk;
}

/** Writes frames while there is room. */
export class RingWriter {
  /** True once the reader's word could not be true: the connection is no use any more. */
  lying = false;
  private readonly ring: RingBytes;
  private readonly supplies: RingWriteSupplies;
  /** There is always room for a frame that turns. */
  private readonly turnSpace: number;
  private tail = 0;
  /** The reader's position when it was last looked at. */
  private head = 0;

  constructor(ring: RingBytes, supplies: RingWriteSupplies) {
    this.ring = ring;
    this.supplies = supplies;
    this.turnSpace = ringSpace(supplies.codec.headerBytes);
  }

  /** The reader uses the ring. */
  get taken(): boolean {
    return Atomics.load(this.ring.state, RingWord.taken) === 1;
  }

  /** At least half of it is free. */
  get halfFree(): boolean {
    return this.hasRoom(this.ring.capacity >> 1);
  }

  /** Publishes a frame; false, and nothing written, when there is no room. */
  push(data: Uint8Array, numBytes: number): boolean {
    const { codec, copier } = this.supplies;
    const frameBytes = codec.headerBytes + numBytes;
    const space = ringSpace(frameBytes);
    if (!this.hasRoom(space + this.turnSpace)) return false;
    const { ring } = this;
    const start = this.tail & (ring.capacity - 1);
    if (start + frameBytes <= ring.capacity) {
      codec.writeHeader(ring.view, start, numBytes, 0, FrameMark.none);
      copier.copy(data, numBytes, ring.bytes, start + codec.headerBytes);
    } else this.writeCut(data, numBytes, start);
    this.publish(space);
    return true;
  }

  /** Publishes that the next frame comes through the socket. */
  pushTurn(): void {
    const start = this.tail & (this.ring.capacity - 1);
    this.supplies.codec.writeHeader(this.ring.view, start, 0, 0, FrameMark.turn);
    this.publish(this.turnSpace);
  }

  /** True when the reader was asleep, and is the caller's to be woken. */
  takeSleep(): boolean {
    const { state } = this.ring;
    // The load alone is much cheaper, and mostly says no.
    return (
      Atomics.load(state, RingWord.asleep) === 1 &&
      Atomics.exchange(state, RingWord.asleep, 0) === 1
    );
  }

  private publish(space: number): void {
    this.tail = (this.tail + space) | 0;
    Atomics.store(this.ring.state, RingWord.tail, this.tail);
  }

  private hasRoom(space: number): boolean {
    return ((this.tail - this.head) | 0) + space <= this.ring.capacity || this.findRoom(space);
  }

  /** Looks at the reader's position. */
  private findRoom(space: number): boolean {
    const { capacity, state } = this.ring;
    const head = Atomics.load(state, RingWord.head);
    const used = (this.tail - head) | 0;
    if (used < 0 || used > ((this.tail - this.head) | 0)) {
      this.lying = true;
      return false;
    }
    this.head = head;
    return used + space <= capacity;
  }

  /** A frame that goes on at the start of the ring. */
  private writeCut(data: Uint8Array, numBytes: number, start: number): void {
    const { codec, scratch } = this.supplies;
    const { bytes, capacity } = this.ring;
    const frameBytes = codec.headerBytes + numBytes;
    codec.writeHeader(scratch.view, 0, numBytes, 0, FrameMark.none);
    copyBytes(data, 0, numBytes, scratch.bytes, codec.headerBytes);
    const first = capacity - start;
    copyBytes(scratch.bytes, 0, first, bytes, start);
    copyBytes(scratch.bytes, first, frameBytes - first, bytes, 0);
  }
}
