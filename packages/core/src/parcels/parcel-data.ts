/**
 * Where a parcel's bytes live: on the heap, in a fragment of the memory shared over one link, or with those of others.
 *
 * A fragment keeps its link's memory mapped until it is released, also when the link is gone. Its bytes stay writable
 * by the process that sent them: whoever checks them copies them first.
 */
import { assert } from "../base/assert.ts";
import { type BytesHome, HeapBytes } from "../memory/bytes-home.ts";
import type { Fragment } from "../memory/fragment.ts";
import { LentBytes, type LentUser } from "../memory/lent-bytes.ts";
import type { LinkMemory } from "../memory/link-memory.ts";
import { PARCEL_HEADER_BYTES } from "../memory/parcel-fragment.ts";
import { SLAB_PARCEL_BYTES_MAX, type Slabs } from "../memory/slab.ts";
import { acceptParcelBytes, PARCEL_DATA_OFFSET } from "../wire/accept-parcel.ts";
import { FragmentBytes } from "./fragment-bytes.ts";
import { RoomBytes } from "./room-bytes.ts";

/** Bytes from which a room is worth its while. */
const ROOM_BYTES_MIN = 4096;

const NOWHERE: BytesHome = new HeapBytes(new Uint8Array(0));

export class ParcelData implements LentUser {
  /** Bytes of the parcel. */
  size: number;
  private home: BytesHome;
  /** Where they start there. */
  private start: number;

  private constructor(home: BytesHome, start: number, size: number) {
    this.home = home;
    this.start = start;
    this.size = size;
  }

  /** Bytes on the heap; takes the array. */
  static heap(bytes: Uint8Array): ParcelData {
    return new ParcelData(new HeapBytes(bytes), 0, bytes.length);
  }

  static empty(): ParcelData {
    return new ParcelData(NOWHERE, 0, 0);
  }

  /** Bytes in an addressable fragment of `memory`, behind its parcel header; takes the fragment. */
  static fragment(memory: LinkMemory, fragment: Fragment, size: number): ParcelData {
    const home = new FragmentBytes(memory, fragment);
    return new ParcelData(home, home.start, size);
  }

  /**
   * Room for `numBytes` bytes: a fragment of `memory` when there is one to be had, else the heap.
   * The content is unspecified.
   */
  static allocate(memory: LinkMemory | null, numBytes: number): ParcelData {
    if (numBytes === 0) return ParcelData.empty();
    const fragment = memory?.allocateFragment(numBytes + PARCEL_HEADER_BYTES) ?? null;
    if (memory && fragment) return ParcelData.fragment(memory, fragment, numBytes);
    return memory ? ParcelData.inRoom(memory, numBytes) : ParcelData.heap(new Uint8Array(numBytes));
  }

  /** The `numBytes` bytes at `start` of `source`, which is lent for a message that came over the link of `memory`. */
  static received(
    memory: LinkMemory,
    source: Uint8Array,
    start: number,
    numBytes: number,
  ): ParcelData {
    const { lent } = memory;
    if (numBytes > SLAB_PARCEL_BYTES_MAX || numBytes === 0 || !lent.isLending(source))
      return ParcelData.copied(memory, source, start, numBytes);
    const data = new ParcelData(lent, start, numBytes);
    lent.add(data);
    return data;
  }

  /** The same, to where they may stay. */
  private static copied(
    memory: LinkMemory,
    source: Uint8Array,
    start: number,
    numBytes: number,
  ): ParcelData {
    if (numBytes === 0) return ParcelData.empty();
    if (numBytes > SLAB_PARCEL_BYTES_MAX) {
      const data = ParcelData.inRoom(memory, numBytes);
      data.bytes().set(source.subarray(start, start + numBytes));
      return data;
    }
    const data = new ParcelData(memory.lent, start, numBytes);
    data.moveToSlab(source, memory.slabs);
    return data;
  }

  /** Bytes where the link's next message can be built around them, so that they are not copied once more to be sent. */
  private static inRoom(memory: LinkMemory, numBytes: number): ParcelData {
    if (numBytes < ROOM_BYTES_MIN) return ParcelData.heap(new Uint8Array(numBytes));
    const rooms = memory.messageRooms;
    const room = rooms.take(acceptParcelBytes(numBytes));
    return new ParcelData(new RoomBytes(room, rooms), PARCEL_DATA_OFFSET, numBytes);
  }

  /** As allocate, but may give less: whatever one block holds (spec: api 2.3.8, wire 4.4). */
  static allocatePartial(memory: LinkMemory | null, numBytes: number): ParcelData {
    const fragment = memory?.allocateFragmentBestEffort(numBytes + PARCEL_HEADER_BYTES) ?? null;
    if (!memory || !fragment) return ParcelData.allocate(memory, numBytes);
    const home = new FragmentBytes(memory, fragment);
    return new ParcelData(home, home.start, Math.min(numBytes, home.room));
  }

  /** The bytes where they are. Valid until release; see the note on fragments above. */
  bytes(): Uint8Array {
    this.moveOut();
    return this.home.view(this.start, this.size);
  }

  /** Copies the first `numBytes` bytes of `source` to the start of the parcel. */
  fill(source: Uint8Array, numBytes: number): void {
    const { home } = this;
    if (home instanceof FragmentBytes) home.copyIn(this.start, source, numBytes);
    else this.bytes().set(source.length === numBytes ? source : source.subarray(0, numBytes));
  }

  /** Copies the first `numBytes` bytes of the parcel to the start of `target`. */
  copyTo(target: Uint8Array, numBytes: number): void {
    if (numBytes > 0) this.home.copyOut(this.start, target, numBytes);
  }

  /** Makes the parcel shorter; what was written before `numBytes` stays. */
  shrink(numBytes: number): void {
    assert(numBytes <= this.size, "a parcel only shrinks");
    this.size = numBytes;
  }

  /**
   * Gives up the fragment for sending it over the link whose memory is `memory`: its size word is written, and the
   * receiver owns it from now on. Null when the bytes are not in that memory; they must be copied then.
   */
  takeFragmentFor(memory: LinkMemory): Fragment | null {
    const { home, size } = this;
    if (!(home instanceof FragmentBytes) || home.memory !== memory) return null;
    this.forget();
    return home.giveUp(size);
  }

  /**
   * The room in which an AcceptParcel for the link of `memory` can be built around the bytes, which are in their place
   * already; it is the caller's to give back. Null: there is none.
   */
  takeRoomFor(memory: LinkMemory): Uint8Array | null {
    const { home } = this;
    return home instanceof RoomBytes && home.home === memory.messageRooms ? home.take() : null;
  }

  /** Ends the use of the bytes; a fragment goes back to its allocator. Calling it again does nothing. */
  release(): void {
    const { home } = this;
    this.forget();
    home.release();
  }

  /** Bytes that are only lent are copied to where they may stay. */
  moveOut(): void {
    const { home } = this;
    if (home instanceof LentBytes) this.moveToSlab(home.bytes, home.slabs);
  }

  private moveToSlab(source: Uint8Array, slabs: Slabs): void {
    const { start, size } = this;
    const slab = slabs.withRoom(size);
    this.home = slab;
    this.start = slab.take(size);
    slab.copyIn(this.start, source, start, size);
  }

  private forget(): void {
    this.home = NOWHERE;
    this.size = 0;
  }
}
