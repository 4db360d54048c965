/**
 * All buffers of one link by id, the block pools over them, and who waits for a buffer that has not arrived
 * (spec: wire 4.3).
 *
 * Buffers are never removed while the pool is open. A parcel or link state may name a buffer before the message that
 * announces it arrives; its handler waits here.
 */
import { Limits } from "../base/limits.ts";
import { Waiters } from "../base/waiters.ts";
import type { DriverMapping } from "../driver/driver-memory.ts";
import type { FragmentDescriptor } from "../wire/descriptors.ts";
import { type BufferId, NO_BUFFER } from "../wire/ids.ts";
import { BlockAllocator, type BlockSpan, isValidSpan } from "./block-allocator.ts";
import { BlockPool, type BlockUsage } from "./block-pool.ts";
import { Fragment, NO_FRAGMENT } from "./fragment.ts";
import type { Region } from "./region.ts";

/** A mapped buffer, and the allocators in it. */
export interface PoolBuffer {
  readonly mapping: DriverMapping;
  readonly region: Region;
  readonly spans: readonly BlockSpan[];
}

/** A snapshot of the memory that two nodes share. */
export interface MemoryUsage {
  readonly buffers: number;
  /** Bytes of all buffers. */
  readonly bytes: number;
  /** By block size, the smallest first. */
  readonly blocks: readonly BlockUsage[];
}

export class BufferPool {
  private readonly mappings = new Map<BufferId, DriverMapping>();
  private readonly regions = new Map<BufferId, Region>();
  /** By the binary logarithm of their block size. */
  private readonly pools: (BlockPool | null)[] = Array.from({ length: 32 }, () => null);
  private readonly waiters = new Map<BufferId, Waiters<boolean>>();
  private waiterCount = 0;

  get bufferCount(): number {
    return this.regions.size;
  }

  has(id: BufferId): boolean {
    return this.regions.has(id);
  }

  /**
   * Adds a buffer and releases who waited for it, in order. Takes the mapping if it answers true; false, with nothing
   * changed, when the id or a span is unfit or there are too many buffers.
   */
  add(id: BufferId, { mapping, region, spans }: PoolBuffer): boolean {
    if (id === NO_BUFFER || this.regions.has(id) || this.regions.size >= Limits.buffersMax)
      return false;
    if (!spans.every((span) => isValidSpan(region, span))) return false;
    if (new Set(spans.map((span) => span.blockSize)).size !== spans.length) return false;
    this.regions.set(id, region);
    this.mappings.set(id, mapping);
    for (const span of spans) this.poolOf(span.blockSize).add(id, new BlockAllocator(region, span));
    this.settleWaiters(id, true);
    return true;
  }

  /** Looks up a descriptor. One that leaves its buffer gives the null fragment (spec: wire 4.3). */
  resolve(descriptor: FragmentDescriptor): Fragment {
    if (descriptor.bufferId === NO_BUFFER) return NO_FRAGMENT;
    const region = this.regions.get(descriptor.bufferId);
    if (region === undefined) return new Fragment(descriptor, null);
    if (descriptor.offset + descriptor.size > region.size) return NO_FRAGMENT;
    return new Fragment(descriptor, region);
  }

  /**
   * A block from the pool with the smallest block size from `blockSize` to `blockSizeMax`, powers of two. Larger ones
   * are not tried when that pool has none.
   */
  allocate(blockSize: number, blockSizeMax: number): Fragment | null {
    const last = 31 - Math.clz32(blockSizeMax);
    for (let index = 31 - Math.clz32(blockSize); index <= last; index++) {
      const pool = this.pools[index];
      if (pool) return pool.allocate();
    }
    return null;
  }

  /** Gives back a block; false when the descriptor names none. The memory may not be used any more. */
  free({ bufferId, offset, size }: FragmentDescriptor): boolean {
    const pool = this.pools[31 - Math.clz32(size)];
    return pool?.blockSize === size && pool.free(bufferId, offset);
  }

  /** Bytes that blocks of exactly this size can hold in all, used or not. */
  capacityOf(blockSize: number): number {
    return this.pools[31 - Math.clz32(blockSize)]?.capacity ?? 0;
  }

  /**
   * Runs `callback` with true as soon as buffer `id` is here, at once if it is; with false when the pool is closed
   * first. False: too many wait already, and the callback is not kept.
   */
  whenBuffer(id: BufferId, callback: (arrived: boolean) => void): boolean {
    if (this.regions.has(id)) {
      callback(true);
      return true;
    }
    if (this.waiterCount >= Limits.bufferWaitersMax) return false;
    let waiters = this.waiters.get(id);
    if (!waiters) this.waiters.set(id, (waiters = new Waiters()));
    waiters.add(callback);
    this.waiterCount++;
    return true;
  }

  /** What its memory is used for now. */
  get usage(): MemoryUsage {
    let numBytes = 0;
    for (const region of this.regions.values()) numBytes += region.size;
    const blocks = this.pools.flatMap((pool) => (pool ? [pool.usage] : []));
    return { buffers: this.regions.size, bytes: numBytes, blocks };
  }

  /** Tells everyone who waits that their buffer will not arrive. */
  dropWaiters(): void {
    for (const id of this.waiters.keys()) this.settleWaiters(id, false);
  }

  /** Unmaps every buffer. No fragment may be in use any more. */
  unmap(): void {
    this.pools.fill(null);
    this.regions.clear();
    const mappings = [...this.mappings.values()];
    this.mappings.clear();
    for (const mapping of mappings) mapping.close();
  }

  private poolOf(blockSize: number): BlockPool {
    const index = 31 - Math.clz32(blockSize);
    return (this.pools[index] ??= new BlockPool(blockSize));
  }

  private settleWaiters(id: BufferId, arrived: boolean): void {
    const waiters = this.waiters.get(id);
    if (!waiters) return;
    this.waiters.delete(id);
    this.waiterCount -= waiters.count;
    waiters.settle(arrived);
  }
}
