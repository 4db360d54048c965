/**
 * A lock-free free list of equal blocks inside a region, shared with another process (spec: wire 4.2).
 *
 * The first word of a block is its header: a version in the low half, and in the high half the index of the next free
 * block, relative to the index after this one. So zeroed memory is the list 0, 1, 2, ...; index 0 ends the list. Block 0
 * is the list's head and is never handed out; its version grows with every change, so that a head which was changed
 * and changed back is not taken for the old one.
 */
import { assert } from "../base/assert.ts";
import { Limits } from "../base/limits.ts";
import type { Region } from "./region.ts";

/** Most blocks of one allocator, its head included: an index must fit 16 signed bits. */
export const BLOCKS_MAX = 32_767;
/** What allocate answers when it has none. */
export const NO_BLOCK = -1;

/** The part of a region that one allocator has, and how it is cut. */
export interface BlockSpan {
  /** Bytes from the start of the region. */
  readonly offset: number;
  /** Bytes. */
  readonly size: number;
  /** Bytes of a block. */
  readonly blockSize: number;
}

/** Can an allocator live there? (spec: wire 4.2, 4.3) */
export function isValidSpan(region: Region, { offset, size, blockSize }: BlockSpan): boolean {
  if (offset % 8 !== 0 || offset > region.size || size > region.size - offset) return false;
  if (blockSize < 8 || (blockSize & (blockSize - 1)) !== 0) return false;
  const blockCount = Math.floor(size / blockSize);
  return blockCount >= 1 && blockCount <= BLOCKS_MAX;
}

export class BlockAllocator {
  readonly region: Region;
  readonly blockSize: number;
  private readonly offset: number;
  private readonly blockCount: number;

  constructor(region: Region, span: BlockSpan) {
    assert(isValidSpan(region, span), "an allocator's span was checked");
    this.region = region;
    this.offset = span.offset;
    this.blockSize = span.blockSize;
    this.blockCount = Math.floor(span.size / span.blockSize);
  }

  /** Bytes in blocks that can be handed out, used or not. */
  get capacity(): number {
    return (this.blockCount - 1) * this.blockSize;
  }

  /** Makes all blocks free. To be done once, by one side, before the memory is shared. */
  initialise(): void {
    const last = this.blockCount - 1;
    for (let block = 0; block < last; block++)
      this.region.store(this.offset + block * this.blockSize, 0);
    this.region.store(this.offset + last * this.blockSize, header(0, -this.blockCount));
  }

  /** Takes a block; answers its offset in the region, or NO_BLOCK. */
  allocate(): number {
    const { region, offset: head, blockSize, blockCount } = this;
    let front = region.load(head);
    for (let attempt = 0; attempt < Limits.casAttemptsMax; attempt++) {
      const block = nextBlock(0, front);
      if (block <= 0 || block >= blockCount) return NO_BLOCK;
      const place = head + block * blockSize;
      const next = nextBlock(block, region.load(place));
      let found: number;
      if (next >= 0 && next < blockCount) {
        found = region.compareExchange(head, front, header(front + 1, next - 1));
        if (found === front) return place;
      } else {
        // Either the block was taken meanwhile and this word is its new owner's, or the list is broken.
        found = region.load(head);
        if (found === front) return NO_BLOCK;
      }
      front = found;
    }
    return NO_BLOCK;
  }

  /** Gives back the block at `offset`; false when there is none, or the list is broken. */
  free(offset: number): boolean {
    const { region, offset: head, blockCount } = this;
    const block = Math.floor((offset - head) / this.blockSize);
    if (block <= 0 || block >= blockCount) return false;
    const place = head + block * this.blockSize;
    let front = region.load(head);
    for (let attempt = 0; attempt < Limits.casAttemptsMax; attempt++) {
      const next = nextBlock(0, front);
      if (next < 0 || next >= blockCount) return false;
      region.store(place, header(0, next - block - 1));
      const found = region.compareExchange(head, front, header(front + 1, block - 1));
      if (found === front) return true;
      front = found;
    }
    return false;
  }

  /** Blocks that can be handed out in all, used or not. */
  get count(): number {
    return this.blockCount - 1;
  }

  /** Blocks on the free list, as far as it can be followed while others take and give back. For inspection. */
  countFree(): number {
    const { region, offset: head, blockSize, blockCount } = this;
    let block = 0;
    for (let free = 0; free < blockCount; free++) {
      block = nextBlock(block, region.load(head + block * blockSize));
      if (block <= 0 || block >= blockCount) return free;
    }
    return blockCount - 1;
  }
}

/** The index that the header of block `own` points to, in wrapping 16-bit arithmetic; a peer can make it anything. */
function nextBlock(own: number, word: number): number {
  return ((own + (word >> 16) + 1) << 16) >> 16;
}

function header(version: number, next: number): number {
  return (next << 16) | (version & 0xffff);
}
