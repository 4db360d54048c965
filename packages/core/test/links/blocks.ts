/**
 * Blocks of a link's shared memory: how many are in use, and some that are kept from use.
 */
import type { BufferPool } from "../../src/memory/buffer-pool.ts";
import type { Fragment } from "../../src/memory/fragment.ts";
import type { LinkMemory } from "../../src/memory/link-memory.ts";

// Blocks of 64 bytes in a primary buffer.
const BLOCKS_64 = 94_976 / 64 - 1;

/** Blocks kept from use, to be given back in the end. */
export class KeptBlocks {
  private readonly held = new Map<LinkMemory, Fragment[]>();

  /** Leaves `count` of the 64-byte blocks of a new primary buffer. */
  allBut(memory: LinkMemory, count: number): void {
    const fragments: Fragment[] = [];
    this.held.set(memory, fragments);
    while (fragments.length < BLOCKS_64 - count) {
      const fragment = memory.allocateFragment(64);
      if (!fragment) throw new Error("fewer blocks than there should be");
      fragments.push(fragment);
    }
  }

  /** Gives back the blocks that were kept from use. */
  giveBack(): void {
    for (const [memory, fragments] of this.held)
      for (const { descriptor } of fragments.splice(0)) memory.freeFragment(descriptor);
  }
}

/** Blocks of the shared memory that are not free, as "count of size". */
export function blocksInUse(memory: LinkMemory): string[] {
  const { buffers } = memory as unknown as { readonly buffers: BufferPool };
  const used: string[] = [];
  for (let size = 64; size <= 2 ** 22; size *= 2) {
    const count = buffers.capacityOf(size) / size;
    if (count === 0) continue;
    const free: Fragment[] = [];
    const take = (): Fragment | null => buffers.allocate(size, size);
    for (let one = take(); one; one = take()) free.push(one);
    for (const { descriptor } of free) buffers.free(descriptor);
    if (free.length !== count) used.push(`${count - free.length} of ${size}`);
  }
  return used;
}
