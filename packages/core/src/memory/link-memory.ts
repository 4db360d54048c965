/**
 * All memory that two nodes share over one link, and how it grows (spec: wire 4).
 *
 * It starts with the primary buffer. When blocks of a size run out, a new buffer is asked for, announced to the peer
 * and only then used, so that the peer hears of it first. An allocation that fails stays failed: the parcel travels
 * inside its message, and later ones profit.
 *
 * The memory stays mapped until the link is closed and the last user of a fragment is gone.
 */
import type { IpczDriver } from "@ipcz/api";
import { assert } from "../base/assert.ts";
import { Deque } from "../base/deque.ts";
import { Limits } from "../base/limits.ts";
import { SpareBuffer } from "../base/spare-buffer.ts";
import { type DriverMapping, DriverMemory } from "../driver/driver-memory.ts";
import type { FragmentDescriptor } from "../wire/descriptors.ts";
import { type BufferId, type LinkSide, PRIMARY_BUFFER, type SublinkId } from "../wire/ids.ts";
import { BlockAllocator } from "./block-allocator.ts";
import { BufferPool, type MemoryUsage } from "./buffer-pool.ts";
import type { Fragment } from "./fragment.ts";
import {
  FRAGMENT_BYTES_MIN,
  Growth,
  type GrowthTarget,
  isGrowthBuffer,
  type MemorySource,
} from "./growth.ts";
import { LinkIds } from "./link-ids.ts";
import { LINK_STATE_BYTES, initialiseLinkState } from "./link-state.ts";
import { isLinkStateDescriptor, LinkStateHold } from "./link-state-hold.ts";
import {
  initialisePrimaryBuffer,
  initialLinkStateOffset,
  PRIMARY_BUFFER_BYTES,
  PRIMARY_SPANS,
} from "./primary-buffer.ts";
import { Region } from "./region.ts";
import { LentBytes } from "./lent-bytes.ts";
import { Slabs } from "./slab.ts";

export type { MemorySource } from "./growth.ts";

/** What one end of a link knows about its memory when the handshake is done. */
export interface LinkMemoryOptions {
  readonly side: LinkSide;
  /** Both nodes have the feature MEM_V2: ids come from private counters. */
  readonly memV2: boolean;
  /** Memory for parcels never grows at this end's wish. */
  readonly fixedCapacity: boolean;
  /** Buffer 0, initialised by whoever provided it. Becomes the link memory's. */
  readonly primary: DriverMapping;
  readonly source: MemorySource;
  /** Sends AddBlockBuffer. Takes `memory`. */
  readonly announce: (id: BufferId, blockSize: number, memory: DriverMemory) => void;
}

/**
 * Bytes of the largest block that every peer frees (spec: wire 4.4): the C library reads a parcel in a larger one, but
 * never frees it, and never makes such blocks.
 */
const COMMON_BLOCK_BYTES_MAX = 2 ** 20;
/** Bytes of the largest block for a peer that has announced blocks above the common size, and so frees them. */
const LARGE_BLOCK_BYTES_MAX = 2 ** 22;
/** Rooms for larger messages are not kept. */
const MESSAGE_ROOM_BYTES_MAX = 2 ** 21;
/** Bytes below which a partial put is not worth a fragment. */
const BEST_EFFORT_BYTES_MIN = 4096;
/** Capacity of one block size in bytes at which memory for parcels stops growing. */
const GROWTH_CAPACITY_MAX = 2 ** 21;

export class LinkMemory implements GrowthTarget {
  /**
   * Where large parcels are written that no fragment holds, with room for their message. Each link has its own, so that
   * what a careless sender leaves unwritten can only be what the same peer got before.
   */
  readonly messageRooms: SpareBuffer = new SpareBuffer(0, MESSAGE_ROOM_BYTES_MAX);
  /** Where small parcels lie that came inside their messages. */
  readonly slabs: Slabs = new Slabs();
  /** Where they lie for now, as long as the driver lends their messages. */
  readonly lent: LentBytes = new LentBytes(this.slabs);
  private readonly announce: (id: BufferId, blockSize: number, memory: DriverMemory) => void;
  private readonly fixedCapacity: boolean;
  private readonly buffers = new BufferPool();
  private readonly ids: LinkIds;
  private readonly growth: Growth;
  private linkStateWaiters = new Deque<(hold: LinkStateHold | null) => void>();
  /** Bytes of the largest block that the peer frees, as far as we know. */
  private blockBytesMax = COMMON_BLOCK_BYTES_MAX;
  /** Blocks above the common size have been announced by this end, which tells the peer that we free them. */
  private hasAnnouncedLarge = false;
  private users = 0;
  private closed = false;

  constructor(options: LinkMemoryOptions) {
    const { primary: mapping, side, memV2 } = options;
    const region = new Region(mapping.bytes);
    const added = this.buffers.add(PRIMARY_BUFFER, { mapping, region, spans: PRIMARY_SPANS });
    assert(added, "the primary buffer's size was checked");
    this.ids = new LinkIds(region, side, memV2);
    this.fixedCapacity = options.fixedCapacity;
    this.announce = options.announce;
    this.growth = new Growth(options.source, this);
  }

  /** Allocates and initialises a primary buffer: the memory to send, and this end's mapping of it. */
  static createPrimary(
    driver: IpczDriver,
  ): { memory: DriverMemory; mapping: DriverMapping } | null {
    const memory = DriverMemory.allocate(driver, PRIMARY_BUFFER_BYTES);
    const mapping = memory?.map();
    if (memory && mapping) {
      initialisePrimaryBuffer(new Region(mapping.bytes));
      return { memory, mapping };
    }
    memory?.close();
    return null;
  }

  /** Maps a primary buffer that the peer provided. Takes `memory`; null when it is too small or does not map. */
  static adoptPrimary(memory: DriverMemory): DriverMapping | null {
    const mapping = memory.size >= PRIMARY_BUFFER_BYTES ? memory.map() : null;
    memory.close();
    return mapping;
  }

  /** What is in use now, by either node. */
  get usage(): MemoryUsage {
    return this.buffers.usage;
  }

  /** The link can carry messages now: what growth was asked for before is carried out. */
  activate(): void {
    this.growth.activate();
  }

  /** A block of at least `numBytes` bytes, whose content is unspecified; null when there is none now. */
  allocateFragment(numBytes: number): Fragment | null {
    if (this.closed || numBytes <= 0 || numBytes > LARGE_BLOCK_BYTES_MAX) return null;
    const blockSize = blockSizeFor(numBytes);
    if (blockSize > this.blockBytesMax) {
      this.announceLarge(blockSize);
      return null;
    }
    const fragment = this.buffers.allocate(blockSize, this.blockBytesMax);
    if (fragment === null) this.growForParcels(blockSize);
    return fragment;
  }

  /** As allocateFragment, but takes smaller blocks too, down to 4 KiB. */
  allocateFragmentBestEffort(numBytes: number): Fragment | null {
    if (this.closed || numBytes < BEST_EFFORT_BYTES_MIN) return null;
    const ideal = Math.min(numBytes, this.blockBytesMax);
    let fragment = this.allocateFragment(ideal);
    let blockSize = blockSizeFor(ideal) / 2;
    for (; fragment === null && blockSize >= BEST_EFFORT_BYTES_MIN; blockSize /= 2)
      fragment = this.buffers.allocate(blockSize, this.blockBytesMax);
    return fragment;
  }

  /** Gives back a block, described as it was allocated or received. False: there is no such block. */
  freeFragment(descriptor: FragmentDescriptor): boolean {
    return this.buffers.free(descriptor);
  }

  /** Looks up a descriptor; null for one that leaves its buffer, pending while the buffer is not known. */
  resolve(descriptor: FragmentDescriptor): Fragment {
    return this.buffers.resolve(descriptor);
  }

  /**
   * Runs `callback` with true once buffer `id` is here, at once if it is, and with false when the link closes first.
   * False: too many wait already, and the callback is not kept.
   */
  whenBuffer(id: BufferId, callback: (arrived: boolean) => void): boolean {
    if (!this.closed) return this.buffers.whenBuffer(id, callback);
    callback(false);
    return true;
  }

  /**
   * The peer announced a buffer. Takes `memory`. False: the announcement is wrong, and the peer's fault
   * (spec: wire 2.1, id 14).
   */
  addBlockBuffer(id: BufferId, blockSize: number, memory: DriverMemory): boolean {
    const wanted = !this.closed && isGrowthBuffer(memory.size, blockSize) && !this.buffers.has(id);
    const mapping = wanted ? memory.map() : null;
    memory.close();
    if (mapping === null) return this.closed;
    const region = new Region(mapping.bytes);
    const spans = [{ offset: 0, size: region.size, blockSize }];
    if (!this.buffers.add(id, { mapping, region, spans })) {
      mapping.close();
      return false;
    }
    if (blockSize > COMMON_BLOCK_BYTES_MAX) {
      this.blockBytesMax = LARGE_BLOCK_BYTES_MAX;
      this.announceLarge(Math.min(blockSize, LARGE_BLOCK_BYTES_MAX));
    }
    this.serveLinkStateWaiters();
    return true;
  }

  /** The first of `count` consecutive new sublink ids; null when the peer has spoilt the counter: the link is lost. */
  newSublinks(count: number): SublinkId | null {
    return this.closed ? null : this.ids.takeSublinkIds(count);
  }

  /** The fixed link state of initial portal `index`. */
  initialLinkState(index: number): LinkStateHold {
    const offset = initialLinkStateOffset(index);
    const descriptor = { bufferId: PRIMARY_BUFFER, offset, size: LINK_STATE_BYTES };
    return new LinkStateHold(this, this.resolve(descriptor), false);
  }

  /** A fresh link state, or null; then capacity for more is asked for. */
  tryAllocateLinkState(): LinkStateHold | null {
    const hold = this.newLinkState();
    if (hold === null && this.canGrow) this.growth.request(LINK_STATE_BYTES);
    return hold;
  }

  /** Calls back with a fresh link state as soon as there is one; with null when there is none to be had. */
  whenLinkState(callback: (hold: LinkStateHold | null) => void): void {
    const hold = this.newLinkState();
    const mayWait = this.canGrow && this.linkStateWaiters.length < Limits.bufferWaitersMax;
    if (hold !== null || !mayWait) {
      callback(hold);
      return;
    }
    this.linkStateWaiters.push(callback);
    this.growth.request(LINK_STATE_BYTES);
  }

  /** Takes over the reference that a message carries. Null: the descriptor is wrong, and that is the peer's fault. */
  adoptLinkState(descriptor: FragmentDescriptor): LinkStateHold | null {
    if (!isLinkStateDescriptor(descriptor)) return null;
    const fragment = this.resolve(descriptor);
    if (fragment.isNull) return null;
    const hold = new LinkStateHold(this, fragment, true);
    if (fragment.isAddressable) return hold;
    const kept = this.whenBuffer(descriptor.bufferId, (arrived) => {
      if (arrived) hold.resolve(this.resolve(descriptor));
    });
    if (kept) return hold;
    hold.release();
    return null;
  }

  /** One more user of a fragment: the memory stays mapped until it is released. */
  retain(): void {
    this.users++;
  }

  release(): void {
    assert(this.users > 0, "link memory is released as often as retained");
    this.users--;
    this.unmapIfUnused();
  }

  /** The link is gone: whoever waits is told so, and the memory is unmapped as soon as nobody uses it. */
  close(): void {
    if (this.closed) return;
    this.closed = true;
    this.messageRooms.clear();
    this.growth.close();
    this.buffers.dropWaiters();
    this.refuseLinkStateWaiters();
    this.unmapIfUnused();
  }

  /** For Growth only. */
  adoptGrowth(blockSize: number, memory: DriverMemory | null): boolean {
    const fits = memory !== null && this.canGrow && isGrowthBuffer(memory.size, blockSize);
    const mapping = fits ? memory.map() : null;
    const id = mapping && this.ids.takeBufferId();
    if (memory === null || mapping === null || id === null || this.buffers.has(id)) {
      mapping?.close();
      memory?.close();
      return false;
    }
    const region = new Region(mapping.bytes);
    const span = { offset: 0, size: region.size, blockSize };
    new BlockAllocator(region, span).initialise();
    if (blockSize > COMMON_BLOCK_BYTES_MAX) this.hasAnnouncedLarge = true;
    this.announce(id, blockSize, memory);
    if (!this.closed && this.buffers.add(id, { mapping, region, spans: [span] })) return true;
    mapping.close();
    return false;
  }

  /** For Growth only. */
  afterGrowth(blockSize: number, grown: boolean): void {
    if (blockSize !== LINK_STATE_BYTES) return;
    if (grown) this.serveLinkStateWaiters();
    else this.refuseLinkStateWaiters();
  }

  private get canGrow(): boolean {
    return !this.closed && this.buffers.bufferCount < Limits.buffersMax;
  }

  private get mayGrowForParcels(): boolean {
    return !this.fixedCapacity && this.canGrow;
  }

  private growForParcels(blockSize: number): void {
    if (!this.mayGrowForParcels) return;
    if (this.buffers.capacityOf(blockSize) < GROWTH_CAPACITY_MAX) this.growth.request(blockSize);
  }

  /** Once: a peer that frees such blocks too answers with an announcement of its own, any other does not care. */
  private announceLarge(blockSize: number): void {
    if (!this.hasAnnouncedLarge && this.mayGrowForParcels) this.growth.request(blockSize);
  }

  private newLinkState(): LinkStateHold | null {
    const fragment = this.closed
      ? null
      : this.buffers.allocate(LINK_STATE_BYTES, COMMON_BLOCK_BYTES_MAX);
    if (fragment === null || fragment.region === null) return null;
    initialiseLinkState(fragment.region, fragment.descriptor.offset);
    return new LinkStateHold(this, fragment, true);
  }

  private serveLinkStateWaiters(): void {
    while (this.linkStateWaiters.length > 0) {
      const hold = this.tryAllocateLinkState();
      if (hold === null) break;
      this.linkStateWaiters.shift()?.(hold);
    }
    if (!this.canGrow) this.refuseLinkStateWaiters();
  }

  /** Only those that wait now: who comes back while they are told waits for a request of its own. */
  private refuseLinkStateWaiters(): void {
    const refused = this.linkStateWaiters;
    this.linkStateWaiters = new Deque();
    for (let next = refused.shift(); next; next = refused.shift()) next(null);
  }

  private unmapIfUnused(): void {
    if (this.closed && this.users === 0) this.buffers.unmap();
  }
}

/** The smallest block size that holds `numBytes`: a power of two. */
function blockSizeFor(numBytes: number): number {
  if (numBytes <= FRAGMENT_BYTES_MIN) return FRAGMENT_BYTES_MIN;
  return 1 << (32 - Math.clz32(numBytes - 1));
}
