/**
 * Asks for new buffers when blocks of a size run out: one request per block size at a time (spec: wire 4.4).
 */
import type { DriverMemory } from "../driver/driver-memory.ts";
import { BLOCKS_MAX } from "./block-allocator.ts";

/** Where memory for new buffers comes from: the driver, or another node that allocates for this one. */
export interface MemorySource {
  /** Calls `done` once, now or later, with memory that is then the callee's; null when there is none to be had. */
  request(numBytes: number, done: (memory: DriverMemory | null) => void): void;
}

/** Bytes of the smallest block that fragments are made of. */
export const FRAGMENT_BYTES_MIN = 64;

const PAGE_BYTES = 65_536;
const BLOCKS_MIN = 8;

/** Bytes of a new buffer for blocks of `blockSize`: at least 8 blocks, in whole pages of 64 KiB. */
export function growthBytes(blockSize: number): number {
  return Math.ceil((BLOCKS_MIN * blockSize) / PAGE_BYTES) * PAGE_BYTES;
}

/** May a buffer of `numBytes` bytes be all blocks of `blockSize`? (spec: wire 2.1, id 14) */
export function isGrowthBuffer(numBytes: number, blockSize: number): boolean {
  if (blockSize < FRAGMENT_BYTES_MIN || (blockSize & (blockSize - 1)) !== 0) return false;
  const blockCount = Math.floor(numBytes / blockSize);
  return blockCount >= BLOCKS_MIN && blockCount <= BLOCKS_MAX;
}

/** Who grows. */
export interface GrowthTarget {
  /** Takes what a request brought and makes it usable; false when nothing came of it. */
  adoptGrowth(blockSize: number, memory: DriverMemory | null): boolean;
  /** The request is over: the next one of this block size is a new one. */
  afterGrowth(blockSize: number, grown: boolean): void;
}

export class Growth {
  private readonly source: MemorySource;
  private readonly target: GrowthTarget;
  /** Block sizes that were asked for and not answered. */
  private readonly pending = new Set<number>();
  private phase: "held" | "flowing" | "closed" = "held";

  constructor(source: MemorySource, target: GrowthTarget) {
    this.source = source;
    this.target = target;
  }

  /** Asks for a buffer of `blockSize` blocks, or joins a request that is pending. */
  request(blockSize: number): void {
    if (this.phase === "closed" || this.pending.has(blockSize)) return;
    this.pending.add(blockSize);
    if (this.phase === "flowing") this.ask(blockSize);
  }

  /** Buffers can be announced from now on; asks for what was requested before. */
  activate(): void {
    if (this.phase !== "held") return;
    this.phase = "flowing";
    const held = [...this.pending];
    for (const blockSize of held) if (this.pending.has(blockSize)) this.ask(blockSize);
  }

  /** Answers that still come are closed. */
  close(): void {
    this.phase = "closed";
    this.pending.clear();
  }

  private ask(blockSize: number): void {
    this.source.request(growthBytes(blockSize), (memory) => {
      if (!this.pending.has(blockSize)) {
        memory?.close();
        return;
      }
      const grown = this.target.adoptGrowth(blockSize, memory);
      this.pending.delete(blockSize);
      this.target.afterGrowth(blockSize, grown);
    });
  }
}
