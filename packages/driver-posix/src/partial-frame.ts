/**
 * A frame that has not arrived in full: its bytes so far, in a buffer that grows only as bytes arrive.
 *
 * The capacity is at most twice what has arrived, one small buffer, or one that was kept from an earlier frame: a
 * length claimed by a peer costs nothing. Each byte is copied a bounded number of times, however finely the frame is cut.
 */
import type { Address, Foreign } from "@ipcz/abi/ffi";
import type { FrameBuffers } from "./frame-buffers.ts";
import { keptFrameBytesMax } from "./limits.ts";

const capacityMin = 1024;

/** Collects the bytes of one frame after the other; active while it holds any. */
export class PartialFrame {
  bytes: Uint8Array = new Uint8Array(0);
  view: DataView = new DataView(this.bytes.buffer);
  /** Bytes that have arrived. */
  have = 0;
  /** Bytes to collect: the header's until it is known, then the frame's. */
  need = 0;
  /** True once the header has been read. */
  headerKnown = false;
  private readonly foreign: Foreign;
  private readonly buffers: FrameBuffers;
  private address: Address | null = null;

  constructor(foreign: Foreign, buffers: FrameBuffers) {
    this.foreign = foreign;
    this.buffers = buffers;
  }

  get active(): boolean {
    return this.have > 0;
  }

  /** Everything that was to be collected is there. */
  get full(): boolean {
    return this.have === this.need;
  }

  /** Starts over, with nothing collected; `headerBytes` are needed first. */
  reset(headerBytes: number): void {
    this.have = 0;
    this.need = headerBytes;
    this.headerKnown = false;
    if (this.bytes.length <= keptFrameBytesMax) return;
    this.buffers.give(this.bytes);
    this.replace(new Uint8Array(0));
  }

  /** Takes bytes from `source`, from `start` up to `end` or to what is needed; how many. */
  append(source: Uint8Array, start: number, end: number): number {
    const count = Math.min(end - start, this.need - this.have);
    this.grow(this.have + count);
    this.bytes.set(source.subarray(start, start + count), this.have);
    this.have += count;
    return count;
  }

  /** Bytes that can be received straight into the buffer now; at least one while it is not full. */
  makeRoom(): number {
    if (this.have === this.bytes.length) this.grow(Math.min(this.have + 1, this.need));
    return Math.min(this.bytes.length, this.need) - this.have;
  }

  /** Where those bytes go. */
  get tailAddress(): Address {
    this.address ??= this.foreign.address(this.bytes);
    return this.address + BigInt(this.have);
  }

  /** `count` bytes have been received there. */
  received(count: number): void {
    this.have += count;
  }

  private grow(capacity: number): void {
    if (capacity <= this.bytes.length) return;
    const wanted = Math.max(capacity, Math.min(this.need, 2 * this.bytes.length), capacityMin);
    const isKept = wanted > keptFrameBytesMax;
    const larger = isKept ? this.buffers.take(wanted, this.need) : new Uint8Array(wanted);
    larger.set(this.bytes.subarray(0, this.have));
    if (this.bytes.length > keptFrameBytesMax) this.buffers.give(this.bytes);
    this.replace(larger);
  }

  private replace(bytes: Uint8Array): void {
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer);
    this.address = null;
  }
}
