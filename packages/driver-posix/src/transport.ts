/**
 * One socket as a transport: idle, active, then deactivated; closed at any time.
 *
 * Frames are sent from the caller's stack; notifications come from the event loop alone, save for
 * `DEACTIVATED`, which comes before `deactivate` returns unless another notification of the same transport is
 * running. A failure to send is not told at once: what the peer sent before it went is delivered first.
 */
import type { IpczDriverHandle, IpczHandle, IpczTransportActivityHandler } from "@ipcz/api";
import { Activity, BacklogWatches, type Turn, type TurnMember } from "@ipcz/driver-base";
import type { TransportPeer } from "@ipcz/mojo-codec";
import { closeAll, type Descriptor } from "./fd.ts";
import { makeHalves, type Halves, type HalvesSupplies } from "./halves.ts";
import type { InboundEvent } from "./lane/inbound.ts";
import { congestionMs } from "./limits.ts";
import { Readiness } from "./poll.ts";
import type { FrameSink } from "./frame-sink.ts";

/** What the transports of a driver share. */
export interface TransportSupplies extends HalvesSupplies {
  readonly turn: Turn;
  /** Whether a new transport keeps the process alive while it is active; may change. */
  readonly keepsAlive: { readonly wanted: boolean };
  /** How long a closed transport may go on sending. */
  readonly lingerMs: number;
  /** Closed transports that still send. */
  readonly lingering: Set<SocketTransport>;
  /** Makes driver handles of received descriptors; they are the receiver's. */
  nameDescriptors(descriptors: readonly Descriptor[]): IpczDriverHandle[];
}

/** One end of a connection between two nodes. */
export class SocketTransport implements TurnMember, FrameSink {
  readonly kind = "transport";
  /** What is known of the other end. */
  readonly peer: TransportPeer;
  private readonly socket: Descriptor;
  private readonly supplies: TransportSupplies;
  private readonly writer: Halves["writer"];
  private readonly reader: Halves["reader"];
  private readonly halves: Halves;
  private readonly readiness: Readiness;
  private readonly watches = new BacklogWatches();
  private activity: Activity | null = null;
  private phase: "idle" | "active" | "deactivated" = "idle";
  /** Messages are still wanted, and may still come. */
  private reading = false;
  private closed = false;
  private enlisted = false;
  private soon: NodeJS.Immediate | null = null;
  private later: NodeJS.Timeout | null = null;
  private lingerEnd: NodeJS.Timeout | null = null;

  /** Takes the socket: connected, close-on-exec and non-blocking. */
  constructor(socket: Descriptor, peer: TransportPeer, supplies: TransportSupplies) {
    this.socket = socket;
    this.peer = peer;
    this.supplies = supplies;
    this.halves = makeHalves(socket, supplies, {
      sink: this,
      laneReady: () => this.read("lane", false),
      endTurn: () => supplies.turn.settle(),
      readSoon: () => this.readSoon(),
    });
    this.writer = this.halves.writer;
    this.reader = this.halves.reader;
    this.readiness = new Readiness(supplies.system.foreign, socket, (readable, writable, alone) =>
      this.ready(readable, writable, alone),
    );
    this.readiness.refer(supplies.keepsAlive.wanted);
  }

  /** The socket's number, for a call to be made now. */
  get descriptor(): number {
    return this.socket.number;
  }

  /** True until it is activated or deactivated. */
  get idle(): boolean {
    return this.phase === "idle";
  }

  /** Bytes that wait to be sent. */
  get backlog(): number {
    return this.writer.backlog;
  }

  /** Calls `handler` once at most `numBytes` bytes wait or the connection is over; false, and not, if so few do now. */
  watchBacklog(numBytes: number, handler: () => void): boolean {
    if (this.writer.backlog <= numBytes) return false;
    this.watches.add(numBytes, handler);
    return true;
  }

  /** Begins to notify. Throws, unchanged, when the socket cannot be polled. Only when idle. */
  activate(listener: IpczHandle, handler: IpczTransportActivityHandler): void {
    this.readiness.want(true, this.writer.state === "blocked");
    this.activity = new Activity(listener, handler);
    this.phase = "active";
    this.reading = true;
    this.halves.begin();
    if (this.writer.state === "broken") this.readSoon();
  }

  /** Stops notifying, with a last `DEACTIVATED` if it was active. What was transmitted before is still sent. */
  deactivate(): void {
    if (this.phase === "deactivated") return;
    this.phase = "deactivated";
    this.stopReading();
    this.activity?.tellEnd();
  }

  /** Sends a message; takes the descriptors. Does nothing else when nobody can receive it any more. */
  transmit(data: Uint8Array, numBytes: number, descriptors: readonly Descriptor[]): void {
    if (this.phase === "deactivated") {
      closeAll(descriptors);
      return;
    }
    this.writer.write(data, numBytes, descriptors);
    if (this.enlisted && this.writer.state === "open") return;
    this.wrote();
  }

  /**
   * A message could not be sent for a reason of ours; the connection is no use without it. Told from the event
   * loop.
   */
  breakOff(): void {
    this.writer.break();
    setImmediate(() => {
      this.fail();
      this.tellBacklog();
    });
  }

  /** Whether an active transport keeps the process alive. */
  refer(referenced: boolean): void {
    this.readiness.refer(referenced);
  }

  /** Gives the socket away, if it is idle and everything transmitted has left; otherwise null, unchanged. */
  surrender(): Descriptor | null {
    if (!this.canSurrender()) return null;
    this.closed = true;
    this.phase = "deactivated";
    this.readiness.close();
    this.cancelTimers();
    return this.socket;
  }

  /** Whether {@link surrender} would give the socket away; makes the last attempt to get there. */
  canSurrender(): boolean {
    if (this.phase !== "idle") return false;
    if (this.writer.pending && this.writer.state === "open") this.flush();
    return !this.writer.pending && this.writer.state === "open";
  }

  /** Ends it. What was transmitted before is still sent, for a while, unless the connection is broken. */
  close(): void {
    if (this.closed) return;
    this.closed = true;
    this.deactivate();
    this.reader.discard();
    if (this.writer.state === "open") this.flush();
    const { lingerMs, lingering } = this.supplies;
    if (!this.writer.pending || lingerMs <= 0) {
      this.dispose();
      return;
    }
    lingering.add(this);
    this.lingerEnd = setTimeout(() => this.dispose(), lingerMs).unref();
  }

  /** Drops everything and closes the socket. */
  dispose(): void {
    this.cancelTimers();
    this.supplies.lingering.delete(this);
    this.readiness.close();
    this.writer.break();
    this.socket.close();
    if (this.watches.any) setImmediate(() => this.tellBacklog());
  }

  endTurn(): void {
    this.enlisted = false;
    if (this.closed) return;
    this.writer.endTurn();
    if (this.writer.state !== "open") this.writerChanged();
    this.tellBacklog();
  }

  private flush(): void {
    this.writer.flush();
    this.writerChanged();
  }

  private ready(readable: boolean, writable: boolean, alone: boolean): void {
    if (writable && this.writer.state === "blocked") this.flush();
    if (readable && this.reading) this.read("socket", alone);
    else if (alone && !this.reading) this.writer.break();
    if (this.closed && !this.writer.pending) this.dispose();
    else this.tellBacklog();
  }

  /** From the event loop: the turn of what is sent meanwhile ends with it. */
  private read(event: InboundEvent, alone: boolean): void {
    const { turn } = this.supplies;
    turn.enterEvent();
    try {
      this.readWhatIsThere(event, alone);
    } finally {
      turn.leaveEvent();
    }
  }

  private readWhatIsThere(event: InboundEvent, alone: boolean): void {
    const outcome = this.reader.read(event);
    if (outcome === "stopped" || !this.reading) return;
    if (outcome === "ended" || outcome === "broken") this.fail();
    else if (outcome === "drained" && this.writer.state === "broken") this.fail();
    else if (outcome === "more" && this.writer.state === "broken") this.readSoon();
    else if (alone) this.watch();
  }

  beginBatch(lent: Uint8Array): void {
    this.activity?.beginBatch(lent);
  }

  endBatch(): boolean {
    this.activity?.endBatch();
    return this.reading;
  }

  acceptAll(buffer: Uint8Array, spans: Int32Array, count: number): boolean {
    const { activity } = this;
    if (!activity || !this.reading) return false;
    if (!activity.messagesAt(buffer, spans, count)) this.fail();
    return this.reading;
  }

  /** A message from the reader. */
  accept(
    buffer: Uint8Array,
    start: number,
    end: number,
    descriptors: readonly Descriptor[],
  ): boolean {
    const { activity } = this;
    if (!activity || !this.reading) {
      closeAll(descriptors);
      return false;
    }
    const accepted =
      descriptors.length === 0
        ? activity.messageAt(buffer, start, end - start)
        : activity.message(buffer.subarray(start, end), this.supplies.nameDescriptors(descriptors));
    if (!accepted) this.fail();
    return this.reading;
  }

  /** The connection is over: nothing more is read or sent. */
  private fail(): void {
    if (!this.reading) return;
    this.writer.break();
    this.stopReading();
    this.activity?.tellError();
  }

  private stopReading(): void {
    if (!this.reading) return;
    this.reading = false;
    this.reader.discard();
    this.watch();
  }

  /** In the first message of a turn, and where something stands in the way. */
  private wrote(): void {
    if (this.writer.state !== "open") this.writerChanged();
    else {
      this.enlisted = true;
      this.supplies.turn.enlist(this);
    }
  }

  private writerChanged(): void {
    const { state } = this.writer;
    if (state === "broken" && this.reading) this.readSoon();
    if (state === "congested") this.retryLater();
    this.watch();
  }

  private watch(): void {
    if (!this.socket.open) return;
    try {
      this.readiness.want(this.reading, this.writer.state === "blocked");
    } catch {
      // The system will not watch this socket: then nobody can say when to go on.
      this.writer.break();
    }
  }

  private readSoon(): void {
    this.soon ??= setImmediate(() => {
      this.soon = null;
      if (this.reading) this.read("socket", false);
      this.tellBacklog();
    });
  }

  private retryLater(): void {
    this.later ??= setTimeout(() => {
      this.later = null;
      this.flush();
      if (this.closed && !this.writer.pending) this.dispose();
      else this.tellBacklog();
    }, congestionMs);
  }

  /** Only from the event loop: whoever waits may do anything. */
  private tellBacklog(): void {
    this.watches.tell(this.writer.backlog);
  }

  private cancelTimers(): void {
    if (this.soon) clearImmediate(this.soon);
    if (this.later) clearTimeout(this.later);
    if (this.lingerEnd) clearTimeout(this.lingerEnd);
    this.soon = null;
    this.later = null;
    this.lingerEnd = null;
  }
}
