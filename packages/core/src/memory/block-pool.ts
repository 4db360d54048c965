/**
 * All allocators of one block size, tried in turn, beginning with the one that had a block last time.
 */
import type { BufferId } from "../wire/ids.ts";
import { type BlockAllocator, NO_BLOCK } from "./block-allocator.ts";
import { Fragment } from "./fragment.ts";

interface PooledAllocator {
  readonly bufferId: BufferId;
  readonly allocator: BlockAllocator;
}

/** A snapshot of all blocks of one size. */
export interface BlockUsage {
  /** Bytes of a block. */
  readonly blockSize: number;
  /** Blocks, used or not. */
  readonly count: number;
  /** Blocks that nobody uses. The peer can make it look like anything up to `count`. */
  readonly free: number;
}

export class BlockPool {
  readonly blockSize: number;
  /** Bytes that all allocators together can hand out, used or not. */
  capacity = 0;
  private readonly allocators: PooledAllocator[] = [];
  private readonly byBuffer = new Map<BufferId, BlockAllocator>();
  private current = 0;

  constructor(blockSize: number) {
    this.blockSize = blockSize;
  }

  /** The allocator of `bufferId`, whose only one of this block size it is. */
  add(bufferId: BufferId, allocator: BlockAllocator): void {
    this.allocators.push({ bufferId, allocator });
    this.byBuffer.set(bufferId, allocator);
    this.capacity += allocator.capacity;
  }

  /** A block of this size, or null when all are taken. */
  allocate(): Fragment | null {
    const count = this.allocators.length;
    let index = this.current;
    for (let tried = 0; tried < count; tried++) {
      const { bufferId, allocator } = this.allocators[index]!;
      const offset = allocator.allocate();
      if (offset !== NO_BLOCK) {
        this.current = index;
        return new Fragment({ bufferId, offset, size: this.blockSize }, allocator.region);
      }
      index = index + 1 === count ? 0 : index + 1;
    }
    return null;
  }

  /** What its blocks are used for now. */
  get usage(): BlockUsage {
    let [count, free] = [0, 0];
    for (const { allocator } of this.allocators) {
      count += allocator.count;
      free += allocator.countFree();
    }
    return { blockSize: this.blockSize, count, free };
  }

  /** Gives back the block at `offset` of a buffer; false when there is none (spec: wire 4.3). */
  free(bufferId: BufferId, offset: number): boolean {
    // Blocks come back mostly to where they were taken last.
    const recent = this.allocators[this.current];
    const allocator =
      recent?.bufferId === bufferId ? recent.allocator : this.byBuffer.get(bufferId);
    return allocator?.free(offset) ?? false;
  }
}
