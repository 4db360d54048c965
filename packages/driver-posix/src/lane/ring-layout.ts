/**
 * A ring: bytes of frames in memory that two processes share, from one writer to one reader.
 *
 * Four words, then the bytes. Both positions count bytes from the beginning of time, modulo 2^32; a byte lies at
 * its position modulo the capacity, a power of two. Frames start at multiples of 8 and are published whole. Words
 * that different processes write lie in different cache lines.
 *
 * Either process may write anything anywhere, so each keeps its own position to itself and reads the other's once
 * for each decision.
 *
 * No wake-up is lost. The reader, having found the ring empty, stores `asleep` = 1 and then loads `tail` once more
 * before it waits for its doorbell. The writer stores `tail` and then loads `asleep`, and rings if it takes a 1 out
 * of it. `Atomics` operations of both processes have one total order. If the reader's second load does not see the
 * new `tail`, it comes before the writer's store in that order, so the reader's store of `asleep` comes before the
 * writer's load, which sees it. So the reader goes on, or the doorbell rings, or (harmless) both.
 */

import { assert, type MemoryMapping } from "@ipcz/driver-base";

/** Indices of 32-bit words. */
export const RingWord = {
  /** 1 once the reader has taken the ring; the writer uses it from then on. */
  taken: 0,
  /** Up to where frames are published; the writer's. */
  tail: 16,
  /** Up to where frames have been read; the reader's. */
  head: 32,
  /** 1 while the reader waits for its doorbell. */
  asleep: 48,
} as const;

/** Bytes before the frames. */
export const ringHeaderBytes = 256;

/** What a frame takes in the ring is a multiple of this, so that no header is cut at the end of the ring. */
export const ringAlignment = 8;

/** Mapped memory as a ring. */
export interface RingBytes {
  readonly capacity: number;
  /** The words above. */
  readonly state: Int32Array;
  /** The frames, as bytes and as words. */
  readonly bytes: Uint8Array;
  readonly words: Uint32Array;
  readonly view: DataView;
}

/** Shows mapped memory as a ring; it has the header and the capacity, a power of two. */
export function ringOver(mapping: MemoryMapping): RingBytes {
  const memory = mapping.view();
  assert(memory !== null, "a ring lies in mapped memory");
  const { buffer, byteOffset } = memory;
  const capacity = memory.length - ringHeaderBytes;
  const start = byteOffset + ringHeaderBytes;
  return {
    capacity,
    state: new Int32Array(buffer, byteOffset, ringHeaderBytes / 4),
    bytes: new Uint8Array(buffer, start, capacity),
    words: new Uint32Array(buffer, start, capacity / 4),
    view: new DataView(buffer, start, capacity),
  };
}

/** What a frame of that many bytes takes in the ring. */
export function ringSpace(frameBytes: number): number {
  return (frameBytes + ringAlignment - 1) & -ringAlignment;
}
