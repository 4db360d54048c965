/**
 * One end of a transport whose other end is behind a `MessagePort`, in this thread or another.
 *
 * Until it is activated the port is not started, so that what has come stays in it, also when it travels. The end of a
 * connection is said by a last message, since not every host tells when a port has been closed; where a host does,
 * that is how the death of a thread is noticed.
 */
import type { IpczHandle, IpczTransportActivityHandler } from "@ipcz/api";
import type { MemObject } from "../objects.ts";
import { TransportEnd, type TransportHost } from "../transport-end.ts";
import { readBatch, type BatchMessage } from "./batch.ts";
import { deadSeat, GOODBYE, type CargoItem, type Seat } from "./cargo.ts";
import { Gauge } from "./gauge.ts";
import { Outbox } from "./outbox.ts";
import type { LetGo, Obituaries } from "./lifeline.ts";
import type { Port, PortEvent } from "./port.ts";

/** What a reader posts when it has read as much as its peer waits for. */
const DRAINED = 1;
/** What an end posts when its thread holds a lock that tells of its death. */
const ALIVE = 2;
/** How often to look whether what a dead thread had posted still comes, and how often in vain. */
const LAST_POSTS_MS = 50;
const LAST_POSTS_LOOKS = 3;

/** The lock of one end of a transport. */
function lockName(transport: string, side: number): string {
  return `ipcz ${transport} ${String(side)}`;
}

/** What these transports need beside what all do. */
export interface PortHost extends TransportHost {
  /** Takes objects for good, to be posted. */
  unload(objects: readonly MemObject[]): CargoItem[];
  /** Makes objects of what came, all or none; null when they are too many. */
  load(cargo: readonly CargoItem[]): MemObject[] | null;
  readonly obituaries: Obituaries;
}

/** One end of a transport. */
export class PortTransport extends TransportEnd {
  private readonly portHost: PortHost;
  private readonly gauge: Gauge;
  private readonly outbox: Outbox;
  /** Null once it is closed, or given away. */
  private port: Port | null;
  private keepsAlive = true;
  /** What comes is taken out of the port. */
  private listening = false;
  /** End our claim to be alive, and our watch over the other end. */
  private lifelines: LetGo[] = [];
  private watching = false;
  private threadIsGone = false;

  constructor(host: PortHost, { port, gauge, side }: Seat) {
    super(host);
    this.portHost = host;
    this.port = port;
    this.gauge = new Gauge(gauge, side);
    this.outbox = new Outbox(port);
    if (host.obituaries.atPorts) port.addEventListener("close", this.onClose);
  }

  get backlog(): number {
    return this.connected ? this.gauge.backlog : 0;
  }

  /** While everything that came is still in the port. */
  override get travels(): boolean {
    return this.idle && !this.listening;
  }

  get needsRelay(): boolean {
    return false;
  }

  isEndOfThis(object: MemObject): boolean {
    return object instanceof PortTransport && object.gauge.name === this.gauge.name;
  }

  send(data: Uint8Array | null, byteCount: number, objects: readonly MemObject[] | null): void {
    if (!this.connected) {
      if (objects !== null) this.host.discard(objects);
      return;
    }
    try {
      this.outbox.reserve(byteCount);
    } catch {
      // The host has not so much memory: what is not sent would be missing for ever.
      if (objects !== null) this.host.discard(objects);
      this.fail();
      return;
    }
    this.gauge.send(byteCount);
    this.outbox.push(data, byteCount, objects === null ? null : this.portHost.unload(objects));
  }

  /** Ends this object, never activated, and answers with what it was: for a message that carries it. */
  depart(): Seat {
    const { port } = this;
    if (port === null || this.failed) {
      this.hangUp();
      return deadSeat();
    }
    this.outbox.flush();
    port.removeEventListener("close", this.onClose);
    this.port = null;
    this.phase = "done";
    const { memory, side } = this.gauge;
    return { port, gauge: memory, side };
  }

  /** The thread at the other end is known to be gone: what came before is still told. */
  threadEnded(): void {
    // Where the host says so itself, it says it after everything that was posted.
    if (this.portHost.obituaries.atPorts || this.threadIsGone) return;
    this.threadIsGone = true;
    if (this.listening) setTimeout(() => this.loseWhenStill(this.gauge.waiting, 0));
  }

  /** Whether it keeps its thread alive while it is active, in Node. */
  refer(keepsAlive: boolean): void {
    this.keepsAlive = keepsAlive;
    if (!this.listening) return;
    if (keepsAlive) this.port?.ref?.();
    else this.port?.unref?.();
  }

  override watchBacklog(numBytes: number, handler: () => void): boolean {
    if (!super.watchBacklog(numBytes, handler)) return false;
    this.listen();
    this.armGauge();
    return true;
  }

  override activate(listener: IpczHandle, handler: IpczTransportActivityHandler): void {
    super.activate(listener, handler);
    this.listen();
  }

  override deactivate(): void {
    super.deactivate();
    if (this.phase !== "idle") this.hangUp();
  }

  override fail(): void {
    super.fail();
    this.backlogShrank();
  }

  protected override lose(): void {
    super.lose();
    this.backlogShrank();
  }

  protected hangUp(): void {
    const { port } = this;
    if (port === null) return;
    this.outbox.flush();
    this.port = null;
    port.removeEventListener("close", this.onClose);
    port.removeEventListener("messageerror", this.onMessageError);
    port.removeEventListener("message", this.onMessage);
    port.postMessage(GOODBYE);
    port.close();
    for (const letGo of this.lifelines.splice(0)) letGo();
    this.backlogShrank();
  }

  protected consumed(byteCount: number): void {
    if (this.gauge.read(byteCount)) this.port?.postMessage(DRAINED);
  }

  private listen(): void {
    const { port } = this;
    if (port === null || this.listening) return;
    this.listening = true;
    port.addEventListener("messageerror", this.onMessageError);
    port.addEventListener("message", this.onMessage);
    port.start();
    if (!this.keepsAlive) port.unref?.();
    if (this.threadIsGone) setTimeout(() => this.loseWhenStill(this.gauge.waiting, 0));
    const lifeline = this.portHost.obituaries.byLocks;
    if (lifeline === null) return;
    const { name, side } = this.gauge;
    this.lifelines.push(lifeline.hold(lockName(name, side), () => this.port?.postMessage(ALIVE)));
  }

  /**
   * The thread at the other end is gone, and what it had posted may still be on its way. Some of what it counted may
   * never have been posted, so the end is when nothing is left, or nothing has come for some turns.
   */
  private loseWhenStill(before: number, looks: number): void {
    const { waiting } = this.gauge;
    if (waiting === 0 || looks === LAST_POSTS_LOOKS) this.lose();
    else if (this.connected)
      setTimeout(
        () => this.loseWhenStill(waiting, waiting === before ? looks + 1 : 0),
        LAST_POSTS_MS,
      );
  }

  /** The other end has a lock: when we get it, its thread is gone. */
  private watchPeer(): void {
    const lifeline = this.portHost.obituaries.byLocks;
    if (lifeline === null || this.watching) return;
    this.watching = true;
    const { name, side } = this.gauge;
    this.lifelines.push(lifeline.watch(lockName(name, 1 - side), () => this.threadEnded()));
  }

  private readonly onClose = (): void => {
    this.lose();
  };

  private readonly onMessageError = (): void => {
    this.fail();
  };

  private readonly onMessage = (event: PortEvent): void => {
    const word = event.ports.length === 0 ? event.data : null;
    if (word === GOODBYE) this.lose();
    else if (word === DRAINED) this.drained();
    else if (word === ALIVE) this.watchPeer();
    else if (this.connected) this.receive(event);
    else for (const port of event.ports) port.close();
  };

  private receive(event: PortEvent): void {
    const batch = readBatch(event);
    if (batch === null || !this.store(batch)) {
      this.fail();
      return;
    }
    try {
      if (this.hasWork()) this.deliver();
    } finally {
      this.host.scheduler.wake(this);
    }
  }

  /** Puts the messages into the queue; false when their objects are too many. */
  private store(batch: readonly BatchMessage[]): boolean {
    for (const { data, cargo } of batch) {
      const objects = cargo === null ? null : this.portHost.load(cargo);
      if (cargo !== null && objects === null) return false;
      this.inbox.push({ data, objects, readyAt: 0 });
    }
    return true;
  }

  private drained(): void {
    this.backlogShrank();
    this.armGauge();
  }

  /** Has the peer tell when the next of those who wait need no longer wait. */
  private armGauge(): void {
    const bytes = this.nextWatchedBacklog;
    if (bytes === null || !this.connected) return;
    this.gauge.arm(bytes);
    // The peer may have read so far before it could know.
    if (this.gauge.backlog <= bytes) this.drained();
  }
}
