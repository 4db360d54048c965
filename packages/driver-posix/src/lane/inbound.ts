/**
 * Frames into a transport that may have a lane: from the socket and the ring, in the order in which they were sent.
 *
 * One of the two is next at any time, and a frame that turns says when that changes. While the ring is next, the socket
 * is watched for the peer's end, and whatever is read from it is held back: the turn that leads there was
 * published before it was sent, so when something is held back and the ring is empty, the peer lies.
 */
import { performance } from "node:perf_hooks";
import { closeAll, type Descriptor } from "../fd.ts";
import { laneTurnsMax, readsMax, spinTurnMsMax } from "../limits.ts";
import type { FrameSink } from "../frame-sink.ts";
import type { FrameReader, ReadOutcome } from "../read-frames.ts";
import { LaneIn } from "./lane-in.ts";
import type { LaneSupplies } from "./lane-supplies.ts";
import { readOffer } from "./offer.ts";
import { Spinner } from "./spin.ts";

/** Where there may be something new. */
export type InboundEvent = "socket" | "lane";

/** The transport a receiving half belongs to. */
export interface InboundOwner {
  readonly sink: FrameSink;
  /** The lane's doorbell has rung. */
  readonly laneReady: () => void;
  /** What handlers have left to do is done, and what was sent leaves. */
  readonly endTurn: () => void;
  /** A read is wanted from the event loop, soon. */
  readonly readSoon: () => void;
}

/** The receiving half of one transport. */
export class Inbound {
  private readonly frames: FrameReader;
  private readonly supplies: LaneSupplies;
  private readonly owner: InboundOwner;
  private readonly spinner: Spinner;
  private lane: LaneIn | null = null;
  private next: "socket" | "ring" = "socket";
  private expected = false;
  private asleep = false;
  /** The peer has closed its end; what it published is still read. */
  private ended = false;

  /** Over the socket's own reader, which gives offers to {@link Inbound.take}. */
  constructor(frames: FrameReader, supplies: LaneSupplies, owner: InboundOwner) {
    this.frames = frames;
    this.supplies = supplies;
    this.owner = owner;
    this.spinner = new Spinner(supplies.system, supplies.settings.spinMicros);
  }

  /** The peer has been told that it may offer a lane. */
  expectOffer(): void {
    this.expected = true;
  }

  /** Takes an offer and its descriptors; false when no honest peer makes it. */
  take(offer: Uint8Array, descriptors: readonly Descriptor[]): boolean {
    const capacity = this.expected ? readOffer(offer, descriptors.length) : null;
    this.expected = false;
    if (capacity === null) {
      closeAll(descriptors);
      return false;
    }
    const { sink, laneReady } = this.owner;
    this.lane = LaneIn.take(this.supplies, capacity, descriptors, { sink, bell: laneReady });
    return true;
  }

  /** Reads and hands on what is there, up to a fair share. Not called again after an end of any kind. */
  read(event: InboundEvent): ReadOutcome {
    if (this.asleep) this.wakeUp();
    if (this.supplies.settings.spinMicros > 0) return this.readSpinning(event);
    for (let reads = 0; reads < readsMax; reads++) {
      const outcome = this.readAll(event);
      if (outcome !== "drained" || this.next === "socket" || this.fallAsleep()) return outcome;
    }
    // Somebody publishes at the very moment, time and again.
    this.owner.readSoon();
    return "more";
  }

  /** Drops what is incomplete or unread. */
  discard(): void {
    this.frames.discard();
    this.lane?.close();
    this.lane = null;
    this.next = "socket";
  }

  private readSpinning(event: InboundEvent): ReadOutcome {
    const end = performance.now() + spinTurnMsMax;
    let from = event;
    for (;;) {
      const outcome = this.readAll(from);
      if (outcome !== "drained" || this.next === "socket") return outcome;
      // What handlers have left to do, answers above all, is done before we wait.
      this.owner.endTurn();
      if (!this.lane) return "stopped";
      if (performance.now() > end) {
        this.owner.readSoon();
        return "more";
      }
      if (!this.spinner.look(this.lane.ring) && this.fallAsleep()) return outcome;
      from = "lane";
    }
  }

  private readAll(event: InboundEvent): ReadOutcome {
    for (let turns = 0; turns < laneTurnsMax; turns++) {
      const outcome = this.next === "socket" ? this.frames.read() : this.readRing(event);
      if (outcome === null) continue;
      if (outcome !== "turned") return outcome;
      if (!this.lane) return "broken";
      this.next = this.next === "socket" ? "ring" : "socket";
    }
    this.owner.readSoon();
    return "more";
  }

  /** Reads the ring, and when it is empty looks at the socket; null to be called again. */
  private readRing(event: InboundEvent): ReadOutcome | null {
    const outcome = this.lane?.ring.read() ?? "broken";
    if (outcome === "more") this.owner.readSoon();
    if (outcome !== "drained") return outcome;
    if (this.frames.holding) return "broken";
    if (this.ended) return "ended";
    if (event === "lane") return "drained";
    const ahead = this.frames.readAhead();
    if (ahead === "ended") this.ended = true;
    return ahead === "drained" || ahead === "broken" ? ahead : null;
  }

  private wakeUp(): void {
    this.asleep = false;
    this.lane?.ring.setAsleep(false);
    this.spinner.woken();
  }

  /** See the layout of the ring for why no message is missed; false when there is one. */
  private fallAsleep(): boolean {
    const { lane } = this;
    if (!lane) return true;
    lane.ring.setAsleep(true);
    this.asleep = lane.ring.idle;
    if (!this.asleep) lane.ring.setAsleep(false);
    return this.asleep;
  }
}
