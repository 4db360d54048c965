/**
 * Bytes that wait to be sent: whole frames one behind the other, at most the first of them with descriptors.
 */
import type { Address, Foreign } from "@ipcz/abi/ffi";
import type { FrameBuffers } from "./frame-buffers.ts";
import { noDescriptors, type Descriptor } from "./fd.ts";
import { chunkBytes, smallChunkBytes, spareChunksMax } from "./limits.ts";

/** A buffer that is filled at its end and sent from its start. */
export class Chunk {
  readonly bytes: Uint8Array;
  readonly view: DataView;
  readonly address: Address;
  /** What is before this has been sent. */
  start = 0;
  /** What is from here on is free. */
  end = 0;
  /** They go with the byte at `start`, and are gone once it is sent. */
  descriptors: readonly Descriptor[] = noDescriptors;

  /** Over all of `bytes`, which begin their buffer. */
  constructor(foreign: Foreign, bytes: Uint8Array) {
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer);
    this.address = foreign.address(bytes);
  }

  /** Bytes that can still be added. */
  get room(): number {
    return this.bytes.length - this.end;
  }

  /** Where the unsent bytes are in memory. */
  get unsentAddress(): Address {
    return this.start === 0 ? this.address : this.address + BigInt(this.start);
  }
}

/** Makes chunks, and keeps a few empty ones for the next. */
export class ChunkPool {
  private readonly foreign: Foreign;
  private readonly buffers: FrameBuffers;
  private readonly spare: Chunk[] = [];

  constructor(foreign: Foreign, buffers: FrameBuffers) {
    this.foreign = foreign;
    this.buffers = buffers;
  }

  /** An empty chunk with room for at least `numBytes`. */
  take(numBytes: number): Chunk {
    if (numBytes > chunkBytes) return new Chunk(this.foreign, this.buffers.take(numBytes));
    return this.spare.pop() ?? new Chunk(this.foreign, new Uint8Array(chunkBytes));
  }

  /** The same for a frame with descriptors, which starts a chunk of its own: not much larger than it. */
  takeSmall(numBytes: number): Chunk {
    return new Chunk(this.foreign, new Uint8Array(Math.max(numBytes, smallChunkBytes)));
  }

  /** Gives back a chunk that nobody uses any more and that owns no descriptors. */
  give(chunk: Chunk): void {
    if (chunk.bytes.length > chunkBytes) this.buffers.give(chunk.bytes);
    if (chunk.bytes.length !== chunkBytes || this.spare.length >= spareChunksMax) return;
    chunk.start = 0;
    chunk.end = 0;
    this.spare.push(chunk);
  }
}
