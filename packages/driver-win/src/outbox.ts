/**
 * Frames out: gathered in the turn, written in large pieces, one write at a time.
 *
 * A message's handles are let be as soon as the system has its bytes, and ended when it never gets them, or when there
 * is nobody left who could read them.
 */
import { assert, monotonicMicros } from "@ipcz/driver-base";
import { timedFrameHeaderBytes, writeFrameHeader, writeSendTime } from "@ipcz/mojo-codec";
import { dropAll, type Cargo } from "./cargo.ts";
import { chunkBytes, coalescedBytesMax, writeBytesMax } from "./limits.ts";
import type { ByteStream } from "./system.ts";

/** Bytes before each message. */
export const headerBytes: number = timedFrameHeaderBytes;

/** Frames one behind the other. */
interface Chunk {
  readonly bytes: Uint8Array;
  readonly view: DataView;
  end: number;
  readonly cargo: Cargo[];
}

/** What a sending half has to do with. */
export interface OutboxHost {
  /** Whether there is anybody left at the other end of the pipe. */
  readonly isPeerThere: () => boolean;
  /** Told when something has left, or nothing will any more. */
  readonly progress: () => void;
}

/** The sending half of one pipe. */
export class Outbox {
  private readonly stream: ByteStream;
  private readonly host: OutboxHost;
  private queue: Chunk[] = [];
  private queuedBytes = 0;
  /** Bytes that the system has and is not done with. */
  private writingBytes = 0;
  /** What goes with them. */
  private writingCargo: readonly Cargo[] = [];
  private broken = false;

  constructor(stream: ByteStream, host: OutboxHost) {
    this.stream = stream;
    this.host = host;
  }

  /** Bytes that wait: here, or in the system for the reader. */
  get backlog(): number {
    return this.queuedBytes + this.writingBytes;
  }

  get isBroken(): boolean {
    return this.broken;
  }

  /** Queues one frame, which leaves with the end of the turn or before; takes the cargo. */
  add(data: Uint8Array, numBytes: number, cargo: readonly Cargo[]): void {
    if (this.broken) {
      dropAll(cargo);
      return;
    }
    const frameBytes = headerBytes + numBytes;
    const chunk = this.chunkFor(frameBytes);
    writeFrameHeader(chunk.view, chunk.end, { headerBytes, handleCount: 0, frameBytes });
    writeSendTime(chunk.view, chunk.end, monotonicMicros());
    chunk.bytes.set(data.subarray(0, numBytes), chunk.end + headerBytes);
    chunk.end += frameBytes;
    for (const each of cargo) chunk.cargo.push(each);
    this.queuedBytes += frameBytes;
    if (this.queuedBytes >= coalescedBytesMax) this.flush();
  }

  /** Begins to write what waits, unless a write is under way. */
  flush(): void {
    if (this.broken || this.writingBytes > 0 || this.queue.length === 0) return;
    const chunks = this.takeChunks();
    this.writingCargo = chunks.flatMap((chunk) => chunk.cargo);
    // A write that fails later does not say whether its beginning was read. That of a pipe whose peer is gone was not.
    if (this.writingCargo.length > 0 && !this.host.isPeerThere()) {
      dropAll(this.writingCargo);
      this.writingCargo = [];
    }
    this.stream.write(
      chunks.map(({ bytes, end }) => bytes.subarray(0, end)),
      () => this.written(),
    );
  }

  /**
   * Nothing leaves any more: drops what waits, and everything that comes. `isRefused`: nothing has left of what is being
   * written, either.
   */
  break(isRefused = false): void {
    if (this.broken) return;
    this.broken = true;
    for (const { cargo } of this.queue) dropAll(cargo);
    if (isRefused) dropAll(this.writingCargo);
    this.queue = [];
    this.queuedBytes = 0;
    this.writingBytes = 0;
    this.writingCargo = [];
  }

  private chunkFor(frameBytes: number): Chunk {
    const last = this.queue[this.queue.length - 1];
    if (last && last.bytes.length - last.end >= frameBytes) return last;
    const bytes = new Uint8Array(Math.max(frameBytes, chunkBytes));
    const chunk = { bytes, view: new DataView(bytes.buffer), end: 0, cargo: [] };
    this.queue.push(chunk);
    return chunk;
  }

  private takeChunks(): Chunk[] {
    let count = 0;
    let numBytes = 0;
    for (const { end } of this.queue) {
      if (count > 0 && numBytes + end > writeBytesMax) break;
      numBytes += end;
      count++;
    }
    const chunks = this.queue.splice(0, count);
    this.queuedBytes -= numBytes;
    this.writingBytes = numBytes;
    return chunks;
  }

  private written(): void {
    if (this.broken) return;
    assert(this.writingBytes > 0, "a write is done once");
    this.writingBytes = 0;
    this.writingCargo = [];
    this.flush();
    this.host.progress();
  }
}
