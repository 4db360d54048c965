/**
 * One end of a pipe as a transport: idle, active, then deactivated; closed at any time.
 *
 * Until it is activated, or something is transmitted, it is a handle and nothing else, and may move to another process.
 * From then on the runtime's own streams own the handle. Notifications come from the event loop alone, save for
 * `DEACTIVATED`, which comes before `deactivate` returns unless another notification of the same transport is running.
 * That nothing can be sent any more is not told at once: what the peer sent before it went is delivered first.
 */
import type { IpczHandle, IpczTransportActivityHandler } from "@ipcz/api";
import {
  Activity,
  BacklogWatches,
  type LivingTransport,
  type Turn,
  type TurnMember,
} from "@ipcz/driver-base";
import { dropAll, type Cargo } from "./cargo.ts";
import type { PipeEnd } from "./end.ts";
import type { WinHandle } from "./handle.ts";
import { Inbox, type MessageSink } from "./inbox.ts";
import { closeHandlesIn, type ObjectsIn } from "./late-messages.ts";
import { unsentCargoMax } from "./limits.ts";
import type { LocalHandles } from "./local-handles.ts";
import { WinError } from "./os-error.ts";
import { Outbox } from "./outbox.ts";
import type { ByteStream, WinSystem } from "./system.ts";

/** What the transports of a driver share. */
export interface TransportSupplies {
  readonly system: WinSystem;
  readonly local: LocalHandles;
  readonly turn: Turn;
  /** Whether a new transport keeps the process alive while it is active; may change. */
  readonly keepsAlive: { readonly wanted: boolean };
  readonly frameBytesMax: number;
  /** How long a closed transport may go on sending. */
  readonly lingerMs: number;
  /** Closed transports that still send. */
  readonly lingering: Set<PipeTransport>;
}

/** The runtime's stream over the pipe, and our halves over that. */
interface Line {
  readonly stream: ByteStream;
  readonly outbox: Outbox;
}

/** One end of a connection between two nodes. */
export class PipeTransport implements TurnMember, MessageSink, LivingTransport {
  readonly kind = "transport";
  /** What it is to the other end. */
  readonly end: PipeEnd;
  private readonly supplies: TransportSupplies;
  private readonly inbox: Inbox;
  private readonly watches = new BacklogWatches();
  /** While it is nothing but a handle. */
  private handle: WinHandle | null;
  private line: Line | null = null;
  /** Handles in messages that have not been transmitted yet. */
  private unsent: Cargo[] = [];
  private activity: Activity | null = null;
  private phase: "idle" | "active" | "deactivated" = "idle";
  /** Messages are still wanted, and may still come. */
  private reading = false;
  private closed = false;
  private enlisted = false;
  private referenced: boolean;
  /** Whether its stream does, at present. */
  private keepsAlive = false;
  private lingerEnd: NodeJS.Timeout | null = null;
  private objectsIn: ObjectsIn | null = null;
  /** Has come, and was not read before the reading ended. */
  private unread: Uint8Array = new Uint8Array(0);

  /** Takes the handle of a connected pipe, made for overlapped operations, and its end. */
  constructor(handle: WinHandle, end: PipeEnd, supplies: TransportSupplies) {
    this.handle = handle;
    this.end = end;
    this.supplies = supplies;
    this.inbox = new Inbox(this, supplies.frameBytesMax);
    this.referenced = supplies.keepsAlive.wanted;
  }

  get idle(): boolean {
    return this.phase === "idle";
  }

  get backlog(): number {
    return this.line?.outbox.backlog ?? 0;
  }

  /** Whether {@link PipeTransport.surrender} would give the handle away. */
  get canSurrender(): boolean {
    return this.handle !== null && this.phase === "idle" && this.unsent.length === 0;
  }

  /** The handle, for a call to be made now; null once it belongs to a stream. */
  get unusedHandle(): WinHandle | null {
    return this.handle;
  }

  watchBacklog(numBytes: number, handler: () => void): boolean {
    if (this.backlog <= numBytes) return false;
    this.watches.add(numBytes, handler);
    return true;
  }

  /** Begins to notify. Throws, unchanged, when the runtime makes no stream of the handle. Only when idle. */
  activate(listener: IpczHandle, handler: IpczTransportActivityHandler): void {
    const { stream } = this.open();
    this.activity = new Activity(listener, handler);
    this.objectsIn = handler.objectsIn ?? null;
    this.phase = "active";
    this.reading = true;
    stream.read(true);
    this.keepAlive();
  }

  deactivate(): void {
    if (this.phase === "deactivated") return;
    this.phase = "deactivated";
    this.stopReading();
    dropAll(this.unsent.splice(0));
    this.activity?.tellEnd();
  }

  /** Remembers what was serialized for this transport; it goes with the next message. */
  load(cargo: Cargo): void {
    if (this.phase === "deactivated" || this.unsent.length >= unsentCargoMax) cargo.drop();
    else this.unsent.push(cargo);
  }

  /** Sends a message. Does nothing when nobody can receive it any more. Throws as {@link PipeTransport.activate}. */
  transmit(data: Uint8Array, numBytes: number): void {
    const cargo = this.unsent;
    this.unsent = [];
    if (this.phase === "deactivated") {
      dropAll(cargo);
      return;
    }
    this.open().outbox.add(data, numBytes, cargo);
    this.keepAlive();
    if (this.enlisted) return;
    this.enlisted = true;
    this.supplies.turn.enlist(this);
  }

  /** A message could not be sent for a reason of ours; the connection is no use without it. */
  breakOff(): void {
    dropAll(this.unsent.splice(0));
    this.line?.outbox.break();
    setImmediate(() => {
      this.fail();
      this.tellBacklog();
    });
  }

  /** Whether it keeps the process alive while it is in use. */
  refer(referenced: boolean): void {
    this.referenced = referenced;
    this.keepAlive();
  }

  /** Gives the handle away, if it is nothing else yet; otherwise null, unchanged. */
  surrender(): WinHandle | null {
    const { handle } = this;
    if (!handle || !this.canSurrender) return null;
    this.handle = null;
    this.closed = true;
    this.phase = "deactivated";
    return handle;
  }

  /** Ends it. What was transmitted before is still sent, for a while, unless the connection is broken. */
  close(): void {
    if (this.closed) return;
    this.closed = true;
    this.deactivate();
    this.line?.outbox.flush();
    const { lingerMs, lingering } = this.supplies;
    if (!this.isSending() || lingerMs <= 0) {
      this.dispose();
      return;
    }
    lingering.add(this);
    this.lingerEnd = setTimeout(() => this.dispose(), lingerMs).unref();
  }

  /** Drops everything and closes the pipe. */
  dispose(): void {
    if (this.lingerEnd) clearTimeout(this.lingerEnd);
    this.lingerEnd = null;
    this.supplies.lingering.delete(this);
    this.line?.outbox.break();
    if (this.line) this.endLine(this.line);
    this.handle?.close();
    this.handle = null;
    this.end.close();
    if (this.watches.any) setImmediate(() => this.tellBacklog());
  }

  endTurn(): void {
    this.enlisted = false;
    this.line?.outbox.flush();
  }

  beginBatch(): void {
    this.activity?.beginBatch();
  }

  endBatch(): boolean {
    this.activity?.endBatch();
    return this.reading;
  }

  accept(buffer: Uint8Array, start: number, end: number): boolean {
    const { activity } = this;
    if (!activity || !this.reading) return false;
    if (!activity.messageAt(buffer, start, end - start)) this.fail();
    return this.reading;
  }

  /** Until the pipe is closed more may come: so nothing is done between the last look and that. */
  private endLine({ stream }: Line): void {
    const { system, local } = this.supplies;
    const { relation } = this.end;
    // What is sent within the process is kept count of elsewhere.
    const objectsIn = relation.remote === "own" ? null : this.objectsIn;
    this.objectsIn = null;
    const rest = objectsIn && stream.rest();
    stream.close();
    if (!objectsIn || !rest) return;
    closeHandlesIn({ system, local }, relation, objectsIn, Buffer.concat([this.unread, rest]));
  }

  /** The runtime's stream, made when it is first needed. */
  private open(): Line {
    if (this.line) return this.line;
    const { handle } = this;
    if (!handle) throw new Error("a closed transport has no stream");
    const { system } = this.supplies;
    // The stream's from now on, for as long as it is there.
    const { value } = handle;
    const stream = system.openStream(value, {
      data: (bytes) => this.arrived(bytes),
      end: () => this.fail(),
      broken: (isRefused) => this.sendingBroke(isRefused),
    });
    if (typeof stream === "number") throw new WinError("uv_open_osfhandle", stream);
    handle.release();
    this.handle = null;
    stream.refer(false);
    this.keepsAlive = false;
    const outbox = new Outbox(stream, {
      isPeerThere: () => system.isConnected(value),
      progress: () => this.progressed(),
    });
    this.line = { stream, outbox };
    return this.line;
  }

  private arrived(bytes: Uint8Array): void {
    if (this.reading && this.inbox.push(bytes) === "malformed") this.fail();
  }

  private progressed(): void {
    this.keepAlive();
    if (this.closed && !this.isSending()) this.dispose();
    else this.tellBacklog();
  }

  /** What the peer has sent is still read, up to its end. */
  private sendingBroke(isRefused: boolean): void {
    this.line?.outbox.break(isRefused);
    this.progressed();
  }

  private isSending(): boolean {
    return this.backlog > 0;
  }

  /** The connection is over: nothing more is read or sent. */
  private fail(): void {
    if (!this.reading) return;
    this.line?.outbox.break();
    this.stopReading();
    this.activity?.tellError();
    if (this.watches.any) setImmediate(() => this.tellBacklog());
  }

  private stopReading(): void {
    if (!this.reading) return;
    this.reading = false;
    this.unread = this.inbox.takeRest();
    this.line?.stream.read(false);
    this.keepAlive();
  }

  /** While it waits for messages, or has some to send. */
  private keepAlive(): void {
    const wanted = this.referenced && (this.reading || this.isSending());
    if (!this.line || wanted === this.keepsAlive) return;
    this.keepsAlive = wanted;
    this.line.stream.refer(wanted);
  }

  /** Only from the event loop: whoever waits may do anything. */
  private tellBacklog(): void {
    this.watches.tell(this.backlog);
  }
}
