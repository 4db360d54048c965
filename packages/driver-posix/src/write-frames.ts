/**
 * Frames out: sent at once when nothing waits, queued when the socket is full, many in one system call when
 * they can be.
 *
 * What has been sent is never sent again: a chunk remembers where its unsent bytes start, and its descriptors
 * are closed and forgotten as soon as the first byte beside them is gone.
 */
import type { ChunkPool, Chunk } from "./chunk.ts";
import { FrameMark, type WireCodec } from "./codec.ts";
import { closeAll, noDescriptors, type Descriptor } from "./fd.ts";
import { copyBytes, type MessageCopier } from "./copy-bytes.ts";
import {
  coalescedBytesMax,
  copiedFrameBytesMax,
  sendsMax,
  sendVectorsMax,
  waitingDescriptorsMax,
} from "./limits.ts";
import { errnos } from "./os-error.ts";
import type { SendMessage } from "./send-message.ts";

/**
 * - `open`: what is sent now leaves now.
 * - `blocked`: the socket is full; frames wait until it is writable.
 * - `congested`: the system is short of something; frames wait for a moment.
 * - `broken`: nothing can be sent any more.
 */
export type WriteState = "open" | "blocked" | "congested" | "broken";

/** What the writers of a driver share. */
export interface WriteSupplies {
  readonly codec: WireCodec;
  readonly message: SendMessage;
  readonly chunks: ChunkPool;
  /** Where a frame that is sent at once gets its header, and its bytes if they are few. */
  readonly scratch: Chunk;
  /** Error numbers that pass. */
  readonly shortages: ReadonlySet<number>;
  readonly copier: MessageCopier;
  /** Address of the first of some bytes. */
  addressOf(bytes: Uint8Array): bigint;
}

/** The sending half of one socket. */
export class FrameWriter {
  private readonly socket: Descriptor;
  private readonly supplies: WriteSupplies;
  private readonly queue: Chunk[] = [];
  private queuedBytes = 0;
  /** Of the queue's chunks. */
  private waitingDescriptors = 0;
  private current: WriteState = "open";
  /** True once a frame was sent in this turn: what follows waits for its end, to leave in one call. */
  private gathering = false;
  /** Buffers described by the last describeQueue. */
  private vectorCount = 0;

  constructor(socket: Descriptor, supplies: WriteSupplies) {
    this.socket = socket;
    this.supplies = supplies;
  }

  get state(): WriteState {
    return this.current;
  }

  /** Bytes that wait here. */
  get backlog(): number {
    return this.queuedBytes;
  }

  /** True while frames wait here. */
  get pending(): boolean {
    return this.queue.length > 0;
  }

  /** Sends or queues one frame; takes the descriptors. The bytes are copied or sent before it returns. */
  write(
    data: Uint8Array,
    numBytes: number,
    descriptors: readonly Descriptor[],
    mark: FrameMark = FrameMark.none,
  ): void {
    // A large frame is not copied to wait for company: what waits goes first, then it goes itself.
    const isLarge = numBytes > copiedFrameBytesMax;
    if (isLarge && this.current === "open" && this.queue.length > 0) this.flush();
    if (this.current === "broken") {
      closeAll(descriptors);
      return;
    }
    if (descriptors.length > this.supplies.codec.descriptorsPerSendMax) {
      this.appendInPieces(data, numBytes, descriptors, mark);
      if (this.current === "open") this.flush();
      return;
    }
    const leavesNow = this.current === "open" && this.queue.length === 0;
    if (leavesNow && (isLarge || !this.gathering)) {
      this.sendNow(data, numBytes, descriptors, mark);
      return;
    }
    this.append(data, numBytes, descriptors, mark);
    if (this.current === "open" && this.queuedBytes >= coalescedBytesMax) this.flush();
  }

  /** The turn is over, or something is worth a new try: sends what waits. A full socket ends it. */
  flush(): void {
    if (this.current === "broken") return;
    for (let sends = 0; this.queue.length > 0 && sends < sendsMax; sends++) {
      const wanted = this.describeQueue();
      const first = this.queue[0] as Chunk;
      const sent = this.supplies.message.send(this.socket, this.vectorCount, first.descriptors);
      if (sent < 0) {
        this.refused(sent);
        return;
      }
      this.consume(sent);
      if (sent < wanted) {
        this.current = "blocked";
        return;
      }
    }
    this.current = this.queue.length > 0 ? "blocked" : "open";
  }

  /** The next frame leaves at once again. */
  endTurn(): void {
    this.gathering = false;
    if (this.current === "open" && this.queue.length > 0) this.flush();
  }

  /** Gives up: drops what waits, and everything that comes. */
  break(): void {
    this.current = "broken";
    for (const chunk of this.queue) closeAll(chunk.descriptors);
    this.queue.length = 0;
    this.queuedBytes = 0;
    this.waitingDescriptors = 0;
  }

  private sendNow(
    data: Uint8Array,
    numBytes: number,
    descriptors: readonly Descriptor[],
    mark: FrameMark,
  ): void {
    const { codec, copier, message, scratch } = this.supplies;
    const frameBytes = codec.headerBytes + numBytes;
    codec.writeHeader(scratch.view, 0, numBytes, descriptors.length, mark);
    let vectorCount = 1;
    if (numBytes <= copiedFrameBytesMax) {
      copier.copy(data, numBytes, scratch.bytes, codec.headerBytes);
      message.setVector(0, scratch.address, frameBytes);
    } else {
      message.setVector(0, scratch.address, codec.headerBytes);
      message.setVector(1, this.supplies.addressOf(data), numBytes);
      vectorCount = 2;
    }
    const sent = message.send(this.socket, vectorCount, descriptors);
    if (sent > 0) closeAll(descriptors);
    if (sent === frameBytes) {
      this.gathering = true;
      return;
    }
    if (sent < 0) this.refused(sent);
    else this.current = "blocked";
    if (this.state === "broken") closeAll(descriptors);
    else this.appendRest(data, numBytes, Math.max(sent, 0), sent > 0 ? noDescriptors : descriptors);
  }

  /** Queues a frame from its byte number `sent` on; its header is still in the scratch chunk. */
  private appendRest(
    data: Uint8Array,
    numBytes: number,
    sent: number,
    descriptors: readonly Descriptor[],
  ): void {
    const { codec, scratch } = this.supplies;
    const headerRest = Math.max(codec.headerBytes - sent, 0);
    const dataStart = Math.max(sent - codec.headerBytes, 0);
    const chunk = this.supplies.chunks.take(headerRest + numBytes - dataStart);
    copyBytes(scratch.bytes, codec.headerBytes - headerRest, headerRest, chunk.bytes, 0);
    copyBytes(data, dataStart, numBytes - dataStart, chunk.bytes, headerRest);
    chunk.end = headerRest + numBytes - dataStart;
    chunk.descriptors = descriptors;
    this.enqueue(chunk, chunk.end);
  }

  /** Queues a whole frame: in the last chunk, or in a new one if it has no room or descriptors come along. */
  private append(
    data: Uint8Array,
    numBytes: number,
    descriptors: readonly Descriptor[],
    mark: FrameMark,
  ): void {
    const { codec, chunks, copier } = this.supplies;
    const frameBytes = codec.headerBytes + numBytes;
    let chunk = this.queue[this.queue.length - 1];
    const isNew = chunk === undefined || descriptors.length > 0 || chunk.room < frameBytes;
    if (isNew || chunk === undefined) {
      chunk = descriptors.length > 0 ? chunks.takeSmall(frameBytes) : chunks.take(frameBytes);
      chunk.descriptors = descriptors;
    }
    codec.writeHeader(chunk.view, chunk.end, numBytes, descriptors.length, mark);
    copier.copy(data, numBytes, chunk.bytes, chunk.end + codec.headerBytes);
    chunk.end += frameBytes;
    if (isNew) this.enqueue(chunk, frameBytes);
    else this.queuedBytes += frameBytes;
  }

  /** Queues a frame with more descriptors than go with one send: a byte for each full load, then the rest. */
  private appendInPieces(
    data: Uint8Array,
    numBytes: number,
    descriptors: readonly Descriptor[],
    mark: FrameMark,
  ): void {
    const { codec, chunks } = this.supplies;
    const frame = new Uint8Array(codec.headerBytes + numBytes);
    const view = new DataView(frame.buffer);
    codec.writeHeader(view, 0, numBytes, descriptors.length, mark);
    frame.set(data.subarray(0, numBytes), codec.headerBytes);
    const perSend = codec.descriptorsPerSendMax;
    for (let first = 0, start = 0; first < descriptors.length; first += perSend, start++) {
      const end = first + perSend < descriptors.length ? start + 1 : frame.length;
      const chunk = chunks.takeSmall(end - start);
      copyBytes(frame, start, end - start, chunk.bytes, 0);
      chunk.end = end - start;
      chunk.descriptors = descriptors.slice(first, first + perSend);
      // A queue that breaks on the way has closed its chunks; what is not in it yet is ours.
      if (this.current === "broken") closeAll(chunk.descriptors);
      else this.enqueue(chunk, chunk.end);
    }
  }

  private enqueue(chunk: Chunk, numBytes: number): void {
    this.queue.push(chunk);
    this.queuedBytes += numBytes;
    this.waitingDescriptors += chunk.descriptors.length;
    if (this.waitingDescriptors > waitingDescriptorsMax) this.break();
  }

  /** Describes the first chunk and those behind it that need no descriptors of their own; bytes in all. */
  private describeQueue(): number {
    let wanted = 0;
    this.vectorCount = 0;
    for (const chunk of this.queue) {
      const startsNewSend = this.vectorCount > 0 && chunk.descriptors.length > 0;
      if (startsNewSend || this.vectorCount === sendVectorsMax) break;
      const numBytes = chunk.end - chunk.start;
      this.supplies.message.setVector(this.vectorCount++, chunk.unsentAddress, numBytes);
      wanted += numBytes;
    }
    return wanted;
  }

  /** The first `sent` bytes of the queue have left, and with them the descriptors of the first chunk. */
  private consume(sent: number): void {
    this.queuedBytes -= sent;
    let rest = sent;
    let done = 0;
    for (const chunk of this.queue) {
      if (rest === 0) break;
      closeAll(chunk.descriptors);
      this.waitingDescriptors -= chunk.descriptors.length;
      chunk.descriptors = noDescriptors;
      const step = Math.min(rest, chunk.end - chunk.start);
      chunk.start += step;
      rest -= step;
      if (chunk.start < chunk.end) break;
      this.supplies.chunks.give(chunk);
      done++;
    }
    this.queue.splice(0, done);
  }

  private refused(answer: number): void {
    if (answer === -errnos.EAGAIN || answer === -errnos.EWOULDBLOCK) this.current = "blocked";
    else if (this.supplies.shortages.has(-answer)) this.current = "congested";
    else this.break();
  }
}
