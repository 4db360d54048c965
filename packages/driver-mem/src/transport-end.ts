/**
 * One end of a transport: the queue of what was sent to it, its listener, and what is still to be told to that. How
 * the other end is reached is the affair of the two kinds of ends: `transport.ts`, where it is an object of the same
 * world, and `worker/port-transport.ts`, where it is behind a `MessagePort`.
 *
 * An end is idle, then active, then stopping (deactivation asked for), then done (`DEACTIVATED` told, or closed while
 * idle). It is failed once no further message can come or go: the peer closed, the line was cut, the listener refused
 * a message. What it tells, in this order: the messages it kept, `ERROR` once if it failed, `DEACTIVATED` at the end.
 * The state is whole before anybody outside is called: handlers, and discarded objects, may call anything.
 */
import {
  IPCZ_INVALID_DRIVER_HANDLE,
  IPCZ_RESULT_INVALID_ARGUMENT,
  IPCZ_RESULT_OK,
  IPCZ_RESULT_UNIMPLEMENTED,
  IPCZ_TRANSPORT_ACTIVITY_DEACTIVATED,
  IPCZ_TRANSPORT_ACTIVITY_ERROR,
  type IpczDriverHandle,
  type IpczHandle,
  type IpczResult,
  type IpczTransportActivityBatch,
  type IpczTransportActivityHandler,
  type IpczTransportActivityOptions,
} from "@ipcz/api";
import { BacklogWatch } from "./backlog.ts";
import { Inbox, type Message } from "./inbox.ts";
import { LentBuffer, SCRIBBLE_BYTE } from "./lent-buffer.ts";
import { NOBODY, type MemObject, type OwnerId } from "./objects.ts";
import type { Deliverable, Scheduler } from "./scheduler.ts";

/** What a notification was about. */
export type MemNotification = "message" | "error" | "deactivated";

/** What a transport needs of its world. */
export interface TransportHost {
  readonly scheduler: Scheduler;
  /** The conduct of the synchronous reference driver where drivers differ (spec: wire 6.2). */
  readonly synchronous: boolean;
  /** Overwrite lent bytes when the handler has returned. */
  readonly scribble: boolean;
  /** Messages of one delivery; a batch if more than one is allowed. */
  readonly batchMax: number;
  /** When a message sent now may be delivered at the earliest. */
  readyAt(): number;
  /** Gives objects that have arrived to driver `owner`; their handles. */
  adopt(objects: readonly MemObject[], owner: OwnerId): IpczDriverHandle[];
  /** Closes objects of messages that will not be delivered. */
  discard(objects: readonly MemObject[]): void;
  /** What comes with a message as a whole, or null. */
  envelope(owner: OwnerId): IpczTransportActivityOptions | null;
  /** Told of each notification before the listener is. */
  observe(end: TransportEnd, what: MemNotification, message: Message | null): void;
}

/** One end of a transport. */
export abstract class TransportEnd implements MemObject, Deliverable {
  readonly kind: "transport" = "transport" as const;
  handle: IpczDriverHandle = IPCZ_INVALID_DRIVER_HANDLE;
  owner: OwnerId = NOBODY;
  slot = -1;
  scheduled = false;
  protected readonly host: TransportHost;
  protected readonly inbox: Inbox = new Inbox();
  protected phase: "idle" | "active" | "stopping" | "done" = "idle";
  protected failed = false;
  private watches: BacklogWatch[] = [];
  private listener = 0 as IpczHandle;
  private handler: IpczTransportActivityHandler | null = null;
  private delivering = false;
  /** Where the message of a batch lies that is being told. */
  private readonly span = new Int32Array(2);
  private errorTold = false;
  /** The driver deactivates it after `ERROR`, without being asked. */
  private stopsAfterError = false;

  constructor(host: TransportHost) {
    this.host = host;
  }

  /** Bytes sent from here that have not been read at the other end. */
  abstract get backlog(): number;
  /** Sends to the peer; takes `objects`, also when the message is dropped for want of a receiver. */
  abstract send(
    data: Uint8Array | null,
    byteCount: number,
    objects: readonly MemObject[] | null,
  ): void;
  /** Whether `object` is this transport or its other end, which can never arrive through it. */
  abstract isEndOfThis(object: MemObject): boolean;
  /** Objects are not carried by it, but a broker may relay them. */
  abstract get needsRelay(): boolean;
  /** Nothing will be read any more; the peer is told after what was sent before. Called at least once. */
  protected abstract hangUp(): void;
  /** Bytes of a message have been told to the listener, or dropped. */
  protected abstract consumed(byteCount: number): void;

  /** Never activated, not closed: it may travel. */
  get idle(): boolean {
    return this.phase === "idle";
  }

  get travels(): boolean {
    return this.idle;
  }

  /** Messages that wait here. */
  get waitingCount(): number {
    return this.inbox.count;
  }

  /** Calls `handler` once at most `numBytes` of the backlog are left; false, and not, if so few are now. */
  watchBacklog(numBytes: number, handler: () => void): boolean {
    if (this.backlog <= numBytes) return false;
    const watch = new BacklogWatch(() => this.backlog, numBytes, handler);
    // Who waits for less is told later, also when both can be told at once.
    const at = this.watches.findIndex((other) => other.numBytes < numBytes);
    this.watches.splice(at < 0 ? this.watches.length : at, 0, watch);
    return true;
  }

  activate(listener: IpczHandle, handler: IpczTransportActivityHandler): void {
    this.phase = "active";
    this.listener = listener;
    this.handler = handler;
    if (this.failed && this.host.synchronous) this.stopsAfterError = true;
    this.host.scheduler.wake(this);
  }

  deactivate(): void {
    if (this.phase !== "active") return;
    this.phase = "stopping";
    this.keepWaiting(0);
    this.host.scheduler.wake(this);
  }

  /** Closed by its owner, or dropped on the way. The peer gets what was sent before, then `ERROR`. */
  release(): void {
    if (this.phase === "idle") this.phase = "done";
    else if (this.phase === "active") this.phase = "stopping";
    this.keepWaiting(0);
    this.hangUp();
    this.host.scheduler.wake(this);
  }

  /** Our sending failed: this end is told, the peer will notice when it is closed. */
  fail(): void {
    this.failed = true;
    this.keepWaiting(0);
    this.host.scheduler.wake(this);
  }

  /** Breaks the line; of what waits here the first `count` messages are still delivered. */
  breakKeeping(count: number): void {
    this.failed = true;
    this.keepWaiting(count);
  }

  /** Tells what {@link breakKeeping} left to tell. */
  wake(): void {
    this.host.scheduler.wake(this);
  }

  /** The process behind this end died: nobody is left to be told. It is released afterwards. */
  silence(): void {
    this.phase = "done";
    this.handler = null;
  }

  hasWork(): boolean {
    if (this.handler === null || this.delivering) return false;
    if (this.phase === "stopping" || this.inbox.count > 0) return true;
    return this.failed && !this.errorTold;
  }

  readyAt(): number {
    if (this.phase === "stopping") return 0;
    return this.inbox.peek()?.readyAt ?? 0;
  }

  deliver(): void {
    const handler = this.handler;
    if (handler === null) return;
    this.delivering = true;
    try {
      if (this.phase === "stopping") this.tellDeactivated(handler);
      else if (this.inbox.count === 0) this.tellError(handler);
      else if (this.host.batchMax === 1) this.tellMessage(handler);
      else this.tellBatch(handler, this.host.batchMax);
    } finally {
      this.delivering = false;
    }
  }

  /** Messages may come and go. */
  protected get connected(): boolean {
    return !this.failed && (this.phase === "active" || this.phase === "idle");
  }

  /** The peer is gone: what came before is still delivered. */
  protected lose(): void {
    if (this.failed) return;
    this.failed = true;
    if (this.host.synchronous && this.phase === "idle") this.keepWaiting(0);
    this.host.scheduler.wake(this);
  }

  /** The backlog that somebody waits for and that is not reached yet, the largest of them; null: nobody waits. */
  protected get nextWatchedBacklog(): number | null {
    const { backlog } = this;
    return this.watches.find(({ done, numBytes }) => !done && numBytes < backlog)?.numBytes ?? null;
  }

  /** Less of what was sent from here waits now. */
  protected backlogShrank(): void {
    if (this.watches.length === 0) return;
    this.watches = this.watches.filter(({ done }) => !done);
    for (const watch of this.watches) this.host.scheduler.wake(watch);
  }

  private tellBatch(handler: IpczTransportActivityHandler, countMax: number): void {
    const lent = this.host.scribble ? new LentBuffer() : null;
    handler.batch?.begin(lent?.bytes);
    try {
      for (let count = 0; count < countMax && this.isDue; count++)
        this.tellMessage(handler, handler.batch, lent);
    } finally {
      handler.batch?.end();
      lent?.scribble();
    }
  }

  /** Another message may follow now. */
  private get isDue(): boolean {
    const next = this.phase === "active" ? this.inbox.peek() : null;
    return next !== null && next.readyAt <= this.host.scheduler.now;
  }

  private tellMessage(
    handler: IpczTransportActivityHandler,
    batch?: IpczTransportActivityBatch,
    lent: LentBuffer | null = null,
  ): void {
    const message = this.inbox.shift();
    if (message === null) return;
    const { data, objects } = message;
    this.host.observe(this, "message", message);
    const handles = objects === null ? null : this.host.adopt(objects, this.owner);
    const envelope = this.host.envelope(this.owner);
    const isBare = handles === null && envelope === null;
    const start = isBare ? (lent?.place(data) ?? null) : null;
    const result =
      isBare && batch?.messages
        ? this.tellAt(batch, start === null || !lent ? data : lent.bytes, start ?? 0, data.length)
        : handler(this.listener, data, data.length, handles, handles?.length ?? 0, 0, envelope);
    if (this.host.scribble) data.fill(SCRIBBLE_BYTE);
    if (result !== IPCZ_RESULT_OK && result !== IPCZ_RESULT_UNIMPLEMENTED) this.stopReading();
    this.consumed(data.length);
  }

  /** A message of a batch, where it lies. */
  private tellAt(
    batch: IpczTransportActivityBatch,
    buffer: Uint8Array,
    start: number,
    numBytes: number,
  ): IpczResult {
    this.span[0] = start;
    this.span[1] = numBytes;
    const accepted = batch.messages?.(this.listener, buffer, this.span, 1);
    return accepted === 1 ? IPCZ_RESULT_OK : IPCZ_RESULT_INVALID_ARGUMENT;
  }

  /** The listener refused a message: nothing more is read, and it is told so. */
  private stopReading(): void {
    this.failed = true;
    this.stopsAfterError = !this.host.synchronous;
    this.keepWaiting(0);
  }

  private tellError(handler: IpczTransportActivityHandler): void {
    this.errorTold = true;
    this.host.observe(this, "error", null);
    handler(this.listener, null, 0, null, 0, IPCZ_TRANSPORT_ACTIVITY_ERROR, null);
    if (this.stopsAfterError && this.phase === "active") this.phase = "stopping";
  }

  private tellDeactivated(handler: IpczTransportActivityHandler): void {
    this.phase = "done";
    this.handler = null;
    this.host.observe(this, "deactivated", null);
    handler(this.listener, null, 0, null, 0, IPCZ_TRANSPORT_ACTIVITY_DEACTIVATED, null);
  }

  /** Keeps the first `count` messages that wait here and drops the others with their objects. */
  private keepWaiting(count: number): void {
    if (this.inbox.count <= count) return;
    let byteCount = 0;
    for (const { data, objects } of this.inbox.keep(count)) {
      byteCount += data.length;
      if (objects !== null) this.host.discard(objects);
    }
    this.consumed(byteCount);
  }
}
