/**
 * Frames in: large reads into one shared buffer, whole frames handed on where they lie, the rest put together.
 *
 * The bytes are a stranger's. Whatever no honest peer sends ends the reading: a length below the header's or
 * above the bound, more descriptors than a frame may have, fewer than it announced by the time it is complete,
 * or any that belong to no frame. Nothing a peer does makes one transport wait for another's bytes.
 *
 * A frame with the mark `turn` ends the reading for a while: what was read behind it is held back until
 * {@link FrameReader.read} is called again.
 */
import type { Address } from "@ipcz/abi/ffi";
import { FrameMark, type FrameHeader, type WireCodec } from "./codec.ts";
import { closeAll, noDescriptors, type Descriptor } from "./fd.ts";
import type { FrameSink } from "./frame-sink.ts";
import type { GatheredMessages } from "./gathered-messages.ts";
import { readsMax } from "./limits.ts";
import { errnos } from "./os-error.ts";
import type { PartialFrame } from "./partial-frame.ts";
import type { ReceiveMessage } from "./receive-message.ts";

/**
 * - `drained`: the socket was empty.
 * - `more`: there may be more, but others have their turn first.
 * - `ended`: the peer has closed, and everything it sent has been handed on.
 * - `broken`: the peer or the system made reading impossible.
 * - `stopped`: the sink wants no more.
 * - `turned`: a frame said that the next one comes another way.
 */
export type ReadOutcome = "drained" | "more" | "ended" | "broken" | "stopped" | "turned";

/** Takes an offer's bytes, lent for the call, and its descriptors, for good; false when no honest peer makes it. */
export type OfferSink = (offer: Uint8Array, descriptors: readonly Descriptor[]) => boolean;

/** What the readers of a driver share. Reads do not nest: handlers never lead back to a read. */
export interface ReadSupplies {
  readonly codec: WireCodec;
  readonly frameBytesMax: number;
  readonly message: ReceiveMessage;
  readonly bytes: Uint8Array;
  readonly view: DataView;
  readonly address: Address;
  readonly gathered: GatheredMessages;
}

type Progress = "on" | "broken" | "stopped" | "turned";

/** The receiving half of one socket. */
export class FrameReader {
  private readonly socket: Descriptor;
  private readonly supplies: ReadSupplies;
  private readonly partial: PartialFrame;
  private readonly sink: FrameSink;
  /** Null where no frame may have a mark. */
  private readonly offerSink: OfferSink | null;
  /** Read, but behind a frame that turned; null when there is nothing. */
  private held: Uint8Array | null = null;
  /** Received, and not yet handed on with a frame. */
  private readonly arrived: Descriptor[] = [];
  private readonly header: FrameHeader = {
    frameBytes: 0,
    messageStart: 0,
    descriptorCount: 0,
    mark: FrameMark.none,
  };

  constructor(
    socket: Descriptor,
    supplies: ReadSupplies,
    partial: PartialFrame,
    sink: FrameSink,
    offerSink: OfferSink | null = null,
  ) {
    this.socket = socket;
    this.supplies = supplies;
    this.partial = partial;
    this.sink = sink;
    this.offerSink = offerSink;
    partial.reset(supplies.codec.headerBytesMin);
  }

  /**
   * Reads and hands on what is there, up to a fair share. Not called again after `ended`, `broken` or
   * `stopped`.
   */
  read(): ReadOutcome {
    if (this.held) {
      const progress = this.handOnHeld(this.held);
      if (progress !== "on") return progress;
    }
    for (let reads = 0; reads < readsMax; reads++) {
      const outcome = this.readOnce();
      if (outcome !== "more") return outcome;
    }
    return "more";
  }

  /** True while something that was read is held back. */
  get holding(): boolean {
    return this.held !== null;
  }

  /** After `turned`, with nothing held back: reads what is there, and holds it back. */
  readAhead(): "drained" | "more" | "ended" | "broken" {
    const { message, bytes, address } = this.supplies;
    message.setVector(0, address, bytes.length);
    const received = message.receive(this.socket, 1, this.arrived);
    if (received < 0) return outcomeOf(received);
    if (message.truncated) return "broken";
    if (received === 0) return "ended";
    this.hold(0, received);
    return "more";
  }

  /** Drops what is incomplete and closes descriptors that nobody claimed. */
  discard(): void {
    this.held = null;
    closeAll(this.arrived);
    this.arrived.length = 0;
    this.partial.reset(this.supplies.codec.headerBytesMin);
  }

  private readOnce(): ReadOutcome {
    const { message, bytes, address } = this.supplies;
    let vectorCount = 0;
    let partialRoom = 0;
    if (this.partial.active) {
      partialRoom = this.partial.makeRoom();
      message.setVector(vectorCount++, this.partial.tailAddress, partialRoom);
    }
    let wanted = partialRoom;
    if (this.partial.have + partialRoom === this.partial.need || !this.partial.active) {
      message.setVector(vectorCount++, address, bytes.length);
      wanted += bytes.length;
    }
    const received = message.receive(this.socket, vectorCount, this.arrived);
    if (received < 0) return outcomeOf(received);
    if (message.truncated) return "broken";
    if (received === 0) return "ended";
    if (partialRoom > 0) this.partial.received(Math.min(received, partialRoom));
    const progress = this.handOnBatch(Math.max(received - partialRoom, 0));
    if (progress !== "on") return progress;
    return received < wanted ? "drained" : "more";
  }

  private handOnBatch(end: number): Progress {
    this.sink.beginBatch(this.supplies.bytes);
    const progress = this.handOn(end);
    const isWanted = this.sink.endBatch();
    if (!isWanted && progress !== "broken") return "stopped";
    return progress === "on" && !this.arrivedFit() ? "broken" : progress;
  }

  /**
   * Hands on every frame that is complete; `end` bytes are in the shared buffer, behind those of the partial
   * frame.
   */
  private handOn(end: number): Progress {
    const { codec, bytes, view, gathered } = this.supplies;
    let at = 0;
    while (this.partial.active) {
      if (!this.partial.full) {
        if (at === end) return "on";
        at += this.partial.append(bytes, at, end);
      } else if (this.partial.headerKnown) {
        const progress = this.handOnPartial();
        if (progress === "turned") this.hold(at, end);
        if (progress !== "on") return progress;
      } else if (!this.readPartialHeader()) return "broken";
    }
    while (end - at >= codec.headerBytesMin) {
      const isSound = this.readHeader(view, at);
      const { header } = this;
      if (isSound && header.frameBytes > end - at) break;
      if (isSound && header.descriptorCount === 0 && header.mark === FrameMark.none) {
        gathered.add(at + header.messageStart, header.frameBytes - header.messageStart);
        at += header.frameBytes;
        continue;
      }
      if (!gathered.handOn(this.sink, bytes)) return "stopped";
      if (!isSound) return "broken";
      const progress = this.handOnFrame(bytes, at);
      at += header.frameBytes;
      if (progress === "turned") this.hold(at, end);
      if (progress !== "on") return progress;
    }
    return gathered.handOn(this.sink, bytes) ? this.keepRest(at, end) : "stopped";
  }

  private hold(start: number, end: number): void {
    if (start < end) this.held = this.supplies.bytes.slice(start, end);
  }

  private handOnHeld(held: Uint8Array): Progress {
    this.held = null;
    this.supplies.bytes.set(held);
    return this.handOnBatch(held.length);
  }

  /** What is left in the shared buffer starts a partial frame. */
  private keepRest(start: number, end: number): Progress {
    let at = start;
    while (at < end) {
      at += this.partial.append(this.supplies.bytes, at, end);
      if (this.partial.full && !this.readPartialHeader()) return "broken";
    }
    return "on";
  }

  private readPartialHeader(): boolean {
    if (!this.readHeader(this.partial.view, 0)) return false;
    this.partial.headerKnown = true;
    this.partial.need = this.header.frameBytes;
    return true;
  }

  private handOnPartial(): Progress {
    const progress = this.handOnFrame(this.partial.bytes, 0);
    this.partial.reset(this.supplies.codec.headerBytesMin);
    return progress;
  }

  private readHeader(view: DataView, start: number): boolean {
    const { codec, frameBytesMax } = this.supplies;
    if (!codec.readHeader(view, start, this.header)) return false;
    const { frameBytes, mark } = this.header;
    return frameBytes <= frameBytesMax && (mark === FrameMark.none || this.offerSink !== null);
  }

  /** Hands on the frame at `start`, described by `header`. */
  private handOnFrame(bytes: Uint8Array, start: number): Progress {
    const { frameBytes, messageStart, descriptorCount, mark } = this.header;
    if (descriptorCount > this.arrived.length) return "broken";
    const descriptors =
      descriptorCount === 0 ? noDescriptors : this.arrived.splice(0, descriptorCount);
    const end = start + frameBytes;
    if (mark === FrameMark.offer) {
      const offer = bytes.subarray(start + messageStart, end);
      return this.offerSink?.(offer, descriptors) === true ? "on" : "broken";
    }
    if (!this.sink.accept(bytes, start + messageStart, end, descriptors)) return "stopped";
    return mark === FrameMark.turn ? "turned" : "on";
  }

  /** Between reads, only descriptors of the frame under way may wait. */
  private arrivedFit(): boolean {
    if (this.arrived.length === 0) return true;
    if (!this.partial.active) return false;
    const { descriptorsMax } = this.supplies.codec;
    const claimed = this.partial.headerKnown ? this.header.descriptorCount : descriptorsMax;
    return this.arrived.length <= claimed;
  }
}

function outcomeOf(answer: number): "drained" | "ended" | "broken" {
  if (answer === -errnos.EAGAIN || answer === -errnos.EWOULDBLOCK) return "drained";
  // The peer went with something of ours unread; what it sent before has been received.
  return answer === -errnos.ECONNRESET ? "ended" : "broken";
}
