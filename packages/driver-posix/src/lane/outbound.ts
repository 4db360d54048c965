/**
 * Frames out of a transport that may have a lane: through the ring while they are small, carry nothing and there is
 * room; otherwise through the socket, with order kept.
 *
 * The stream of frames is one, and changes its way at frames that say so. A frame in the ring that turns sends the
 * reader to the socket for the next one; a frame in the socket that turns sends it back to the ring. So nothing is
 * numbered, nobody waits for room, and a reader that falls behind is met by the socket's own back-pressure.
 */
import { FrameMark } from "../codec.ts";
import type { Descriptor } from "../fd.ts";
import { coalescedBytesMax, copiedFrameBytesMax } from "../limits.ts";
import type { FrameWriter, WriteState } from "../write-frames.ts";
import { peerHasLanes } from "./lane-name.ts";
import { LaneOut } from "./lane-out.ts";
import type { LaneSupplies } from "./lane-supplies.ts";
import { writeOffer } from "./offer.ts";

/** The sending half of one transport. */
export class Outbound {
  private readonly socket: Descriptor;
  private readonly frames: FrameWriter;
  private readonly supplies: LaneSupplies;
  private lane: LaneOut | null = null;
  /** Where the next frame goes. */
  private place: "socket" | "ring" = "socket";
  /** Frames that count towards an offer; only those of an active transport do. */
  private sent = 0;
  /** The number of frames at which the peer's name is looked at; infinite when that is over. */
  private due = Infinity;
  /** True once the reader was woken in this turn: for what follows it is woken at its end. */
  private gathering = false;
  /** Published since the reader was last woken. */
  private quietBytes = 0;

  /** Over the socket's own writer. */
  constructor(socket: Descriptor, frames: FrameWriter, supplies: LaneSupplies) {
    this.socket = socket;
    this.frames = frames;
    this.supplies = supplies;
  }

  get state(): WriteState {
    return this.frames.state;
  }

  get pending(): boolean {
    return this.frames.pending;
  }

  /** Bytes that wait here; what is in the ring has left. */
  get backlog(): number {
    return this.frames.backlog;
  }

  /** The transport is active: from now on it can have a lane. */
  begin(): void {
    this.due = this.supplies.settings.afterMessages;
  }

  /** Sends or queues one frame; takes the descriptors. The bytes are copied or sent before it returns. */
  write(data: Uint8Array, numBytes: number, descriptors: readonly Descriptor[]): void {
    const { lane } = this;
    const mayFit = descriptors.length === 0 && numBytes <= copiedFrameBytesMax;
    if (mayFit && lane !== null && this.place === "ring" && lane.ring.push(data, numBytes))
      this.pushed(lane, numBytes);
    else this.writeToSocket(data, numBytes, descriptors, mayFit);
  }

  flush(): void {
    this.lane?.wake();
    this.frames.flush();
  }

  endTurn(): void {
    this.gathering = false;
    this.quietBytes = 0;
    this.lane?.wake();
    this.frames.endTurn();
  }

  break(): void {
    this.frames.break();
    this.lane?.close();
    this.lane = null;
    this.place = "socket";
    this.due = Infinity;
  }

  private writeToSocket(
    data: Uint8Array,
    numBytes: number,
    descriptors: readonly Descriptor[],
    mayFit: boolean,
  ): void {
    if (this.lane && this.place === "ring") {
      this.lane.ring.pushTurn();
      this.place = "socket";
    } else if (++this.sent >= this.due) this.considerOffer();
    // Others of the kind that cannot take the ring may follow: what the reader has read behind a turn it copies twice.
    const turns = mayFit && this.lane !== null && this.mayTurn(this.lane);
    this.frames.write(data, numBytes, descriptors, turns ? FrameMark.turn : FrameMark.none);
    if (turns) this.place = "ring";
  }

  private pushed(lane: LaneOut, numBytes: number): void {
    this.quietBytes += numBytes;
    // No turn ends for a socket that is not open.
    const isPrompt = !this.gathering || this.frames.state !== "open";
    if (!isPrompt && this.quietBytes < coalescedBytesMax) return;
    this.gathering = true;
    this.quietBytes = 0;
    lane.wake();
  }

  /** With little room the way back would be short. */
  private mayTurn(lane: LaneOut): boolean {
    const may = lane.ring.taken && lane.ring.halfFree;
    if (!lane.ring.lying) return may;
    this.break();
    return false;
  }

  private considerOffer(): void {
    const { system, write, settings } = this.supplies;
    this.due *= 2;
    if (!peerHasLanes(system, write.codec, this.socket)) return;
    this.due = Infinity;
    const made = LaneOut.make(this.supplies);
    if (!made) return;
    this.lane = made.lane;
    const offer = writeOffer(settings.ringBytes);
    this.frames.write(offer, offer.length, made.descriptors, FrameMark.offer);
  }
}
