/**
 * Where a parcel's bytes live: on the heap, or in a fragment of the memory shared over one link.
 *
 * A fragment keeps its link's memory mapped until it is released, also when the link is gone. Its bytes stay writable
 * by the process that sent them: whoever checks them copies them first.
 */
import type { Fragment } from "../memory/fragment.ts";
import { PARCEL_HEADER_BYTES, writeParcelSize } from "../memory/parcel-fragment.ts";
import type { LinkMemory } from "../memory/link-memory.ts";
import { type Slab, SLAB_PARCEL_BYTES_MAX } from "../memory/slab.ts";
import type { SpareBuffer } from "../base/spare-buffer.ts";
import { assert } from "../base/assert.ts";
import { acceptParcelBytes, PARCEL_DATA_OFFSET } from "../wire/accept-parcel.ts";

const NO_BYTES = new Uint8Array(0);
/** Bytes from which a room is worth its while. */
const ROOM_BYTES_MIN = 4096;

export class ParcelData {
  /** Bytes of the parcel. */
  size: number;
  private heap: Uint8Array | null;
  /** The buffer around `heap`, and where it goes back to. */
  private room: Uint8Array | null = null;
  private rooms: SpareBuffer | null = null;
  private fragmentOwned: Fragment | null;
  private readonly memory: LinkMemory | null;
  /** Where the bytes lie with those of other parcels, from `start`. */
  private slab: Slab | null = null;
  private start = 0;

  private constructor(
    size: number,
    heap: Uint8Array | null,
    fragment: Fragment | null,
    memory: LinkMemory | null,
  ) {
    this.size = size;
    this.heap = heap;
    this.fragmentOwned = fragment;
    this.memory = memory;
  }

  /** Bytes on the heap; takes the array. */
  static heap(bytes: Uint8Array): ParcelData {
    return new ParcelData(bytes.length, bytes, null, null);
  }

  static empty(): ParcelData {
    return new ParcelData(0, NO_BYTES, null, null);
  }

  /** Bytes in an addressable fragment of `memory`, behind its parcel header; takes the fragment. */
  static fragment(memory: LinkMemory, fragment: Fragment, size: number): ParcelData {
    memory.retain();
    return new ParcelData(size, null, fragment, memory);
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

  /** A copy of the `numBytes` bytes at `start` of `source`, which a message brought over the link of `memory`. */
  static received(
    memory: LinkMemory,
    source: Uint8Array,
    start: number,
    numBytes: number,
  ): ParcelData {
    if (numBytes === 0) return ParcelData.empty();
    if (numBytes <= SLAB_PARCEL_BYTES_MAX)
      return ParcelData.inSlab(memory.slabs.withRoom(numBytes), source, start, numBytes);
    const data = ParcelData.inRoom(memory, numBytes);
    data.bytes().set(source.subarray(start, start + numBytes));
    return data;
  }

  private static inSlab(
    slab: Slab,
    source: Uint8Array,
    start: number,
    numBytes: number,
  ): ParcelData {
    const data = new ParcelData(numBytes, null, null, null);
    data.slab = slab;
    data.start = slab.take(numBytes);
    slab.copyIn(data.start, source, start, numBytes);
    return data;
  }

  /** Bytes where the link's next message can be built around them, so that they are not copied once more to be sent. */
  private static inRoom(memory: LinkMemory, numBytes: number): ParcelData {
    if (numBytes < ROOM_BYTES_MIN) return ParcelData.heap(new Uint8Array(numBytes));
    const room = memory.messageRooms.take(acceptParcelBytes(numBytes));
    const heap = room.subarray(PARCEL_DATA_OFFSET, PARCEL_DATA_OFFSET + numBytes);
    const data = ParcelData.heap(heap);
    data.room = room;
    data.rooms = memory.messageRooms;
    return data;
  }

  /** As allocate, but may give less: whatever one block holds (spec: api 2.3.8, wire 4.4). */
  static allocatePartial(memory: LinkMemory | null, numBytes: number): ParcelData {
    const fragment = memory?.allocateFragmentBestEffort(numBytes + PARCEL_HEADER_BYTES) ?? null;
    if (!memory || !fragment) return ParcelData.allocate(memory, numBytes);
    const room = fragment.descriptor.size - PARCEL_HEADER_BYTES;
    return ParcelData.fragment(memory, fragment, Math.min(numBytes, room));
  }

  /** The bytes where they are. Valid until release; see the note on fragments above. */
  bytes(): Uint8Array {
    if (this.heap)
      return this.heap.length === this.size ? this.heap : this.heap.subarray(0, this.size);
    if (this.slab) return this.slab.bytes.subarray(this.start, this.start + this.size);
    const fragment = this.fragmentOwned;
    assert(
      fragment?.region !== null && fragment !== null,
      "parcel data is used before its release",
    );
    return fragment.region.bytes(fragment.descriptor.offset + PARCEL_HEADER_BYTES, this.size);
  }

  /** Copies the first `numBytes` bytes of `source` to the start of the parcel. */
  fill(source: Uint8Array, numBytes: number): void {
    const fragment = this.fragmentOwned;
    if (fragment?.region)
      fragment.region.copyIn(fragment.descriptor.offset + PARCEL_HEADER_BYTES, source, numBytes);
    else this.bytes().set(source.length === numBytes ? source : source.subarray(0, numBytes));
  }

  /** Copies the first `numBytes` bytes of the parcel to the start of `target`. */
  copyTo(target: Uint8Array, numBytes: number): void {
    if (numBytes === 0) return;
    const fragment = this.fragmentOwned;
    if (this.slab) this.slab.copyOut(this.start, target, numBytes);
    else if (fragment?.region)
      fragment.region.copyOut(fragment.descriptor.offset + PARCEL_HEADER_BYTES, target, numBytes);
    else {
      const source = this.bytes();
      target.set(numBytes === this.size ? source : source.subarray(0, numBytes));
    }
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
    const fragment = this.fragmentOwned;
    if (!fragment || this.memory !== memory) return null;
    writeParcelSize(fragment, this.size);
    this.fragmentOwned = null;
    this.heap = NO_BYTES;
    this.size = 0;
    memory.release();
    return fragment;
  }

  /**
   * The room in which an AcceptParcel for the link of `memory` can be built around the bytes, which are in their place
   * already; it is the caller's to give back. Null: there is none.
   */
  takeRoomFor(memory: LinkMemory): Uint8Array | null {
    const { room } = this;
    if (this.rooms !== memory.messageRooms) return null;
    this.room = null;
    return room;
  }

  /** Ends the use of the bytes; a fragment goes back to its allocator. Calling it again does nothing. */
  release(): void {
    const fragment = this.fragmentOwned;
    if (fragment && this.memory) {
      this.fragmentOwned = null;
      this.memory.freeFragment(fragment.descriptor);
      this.memory.release();
    }
    if (this.room) this.rooms?.give(this.room);
    this.room = null;
    this.slab?.release();
    this.slab = null;
    this.heap = NO_BYTES;
    this.size = 0;
  }
}
