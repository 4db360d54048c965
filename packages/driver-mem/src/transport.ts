/** One end of a transport whose other end is an object of the same world: sending is putting into its queue. */
import type { MemObject } from "./objects.ts";
import { TransportEnd, type TransportHost } from "./transport-end.ts";

/** What kind of node is behind one end of a transport. */
export type MemNodeType = "broker" | "normal";

const NO_BYTES: Uint8Array = new Uint8Array(0);

function copyBytes(data: Uint8Array | null, byteCount: number): Uint8Array {
  if (data === null || byteCount === 0) return NO_BYTES;
  const copy = new Uint8Array(byteCount);
  copy.set(data.length === byteCount ? data : data.subarray(0, byteCount));
  return copy;
}

/** One end of a transport. */
export class MemTransport extends TransportEnd {
  /** Counts the ends of a world; unlike a handle it never changes. */
  readonly serial: number;
  readonly nodeType: MemNodeType;
  private other: MemTransport | null = null;

  private constructor(host: TransportHost, serial: number, nodeType: MemNodeType) {
    super(host);
    this.serial = serial;
    this.nodeType = nodeType;
  }

  /** Two connected ends; the first has this serial number, the second the next one. */
  static pair(
    host: TransportHost,
    serial: number,
    type0: MemNodeType,
    type1: MemNodeType,
  ): [MemTransport, MemTransport] {
    const end0 = new MemTransport(host, serial, type0);
    const end1 = new MemTransport(host, serial + 1, type1);
    end0.other = end1;
    end1.other = end0;
    return [end0, end1];
  }

  get peer(): MemTransport {
    return this.other ?? this;
  }

  get backlog(): number {
    return this.peer.inbox.bytes;
  }

  get needsRelay(): boolean {
    return this.nodeType === "normal" && this.peer.nodeType === "normal";
  }

  isEndOfThis(object: MemObject): boolean {
    return object === this || object === this.peer;
  }

  send(data: Uint8Array | null, byteCount: number, objects: readonly MemObject[] | null): void {
    const peer = this.peer;
    if (!this.connected || !peer.connected) {
      if (objects !== null) this.host.discard(objects);
      return;
    }
    peer.inbox.push({ data: copyBytes(data, byteCount), objects, readyAt: this.host.readyAt() });
    this.host.scheduler.wake(peer);
  }

  protected hangUp(): void {
    this.peer.lose();
  }

  protected consumed(): void {
    this.peer.backlogShrank();
  }
}
