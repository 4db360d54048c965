/**
 * The fixed layout of buffer 0, which every link has from its handshake on (spec: wire 4.1).
 *
 * Whoever provides the memory initialises it before it is sent; the other side only registers what is there.
 */
import { Limits } from "../base/limits.ts";
import { assert } from "../base/assert.ts";
import { BlockAllocator, type BlockSpan } from "./block-allocator.ts";
import { LINK_STATE_BYTES } from "./link-state.ts";
import type { Region } from "./region.ts";

/** Bytes of the primary buffer. */
export const PRIMARY_BUFFER_BYTES = 131_072;
/** Where the 64-bit counter of buffer ids is. */
export const NEXT_BUFFER_ID_OFFSET = 0;
/** Where the 64-bit counter of sublink ids is. */
export const NEXT_SUBLINK_ID_OFFSET = 8;
/** The first buffer id after the primary buffer's. */
export const FIRST_BUFFER_ID = 1;
/** The first sublink id after those of the initial portals. */
export const FIRST_SUBLINK_ID: number = Limits.initialPortalsMax;

const LINK_STATES_OFFSET = 256;

/** The six allocators; together they fill the buffer from the link states to its end. */
export const PRIMARY_SPANS: readonly BlockSpan[] = [
  { offset: 1024, size: 94_976, blockSize: 64 },
  { offset: 96_000, size: 2304, blockSize: 256 },
  { offset: 98_304, size: 4096, blockSize: 512 },
  { offset: 102_400, size: 4096, blockSize: 1024 },
  { offset: 106_496, size: 8192, blockSize: 2048 },
  { offset: 114_688, size: 16_384, blockSize: 4096 },
];

assert(
  LINK_STATES_OFFSET + Limits.initialPortalsMax * LINK_STATE_BYTES === PRIMARY_SPANS[0]?.offset,
  "the fixed link states end where the first allocator begins",
);

/** Where the link state of initial portal `index` is. */
export function initialLinkStateOffset(index: number): number {
  assert(index < Limits.initialPortalsMax, "an initial portal has a fixed link state");
  return LINK_STATES_OFFSET + index * LINK_STATE_BYTES;
}

/** Writes the initial image over zeroed memory. */
export function initialisePrimaryBuffer(region: Region): void {
  region.storeLong(NEXT_BUFFER_ID_OFFSET, BigInt(FIRST_BUFFER_ID));
  region.storeLong(NEXT_SUBLINK_ID_OFFSET, BigInt(FIRST_SUBLINK_ID));
  for (const span of PRIMARY_SPANS) new BlockAllocator(region, span).initialise();
}
