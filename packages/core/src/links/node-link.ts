/**
 * The connection to one other node: a transport, a memory, a sublink table (spec: wire 1.6, 1.10; routing 6.4).
 *
 * It numbers and transmits messages, hands what cannot travel directly to the directory for relaying, and turns every
 * received message into a verdict. A connection that fails is torn down once, and tells every router bound to it.
 */
import { type IpczDriver, type IpczDriverHandle, IPCZ_RESULT_OK, type IpczResult } from "@ipcz/api";
import type { NetworkEvents } from "../base/network-events.ts";
import type { SequenceNumber } from "../base/sequence.ts";
import type { Turn } from "../base/turn.ts";
import type { Verdict } from "../base/verdict.ts";
import { closeHandles, closeObjects, type DriverObject } from "../driver/driver-object.ts";
import type { DriverTransport, TransportListener } from "../driver/driver-transport.ts";
import type { ObjectBag } from "../driver/object-bag.ts";
import { canAllTravel } from "../driver/pack-objects.ts";
import type { LinkMemory } from "../memory/link-memory.ts";
import type { LinkStateHold } from "../memory/link-state-hold.ts";
import type { Parcel } from "../parcels/parcel.ts";
import { ACCEPT_PARCEL_BYTES, acceptParcelBytes } from "../wire/accept-parcel.ts";
import { encodeMessage } from "../wire/encode.ts";
import { setSequenceNumber } from "../wire/header.ts";
import {
  type LinkSide,
  type NodeName,
  type NodeType,
  NO_SUBLINK,
  type SublinkId,
} from "../wire/ids.ts";
import type { MessageOf, MessageSchema } from "../wire/schema.ts";
import { ParcelAssembly } from "./assemble-parcel.ts";
import type {
  LinkDirectory,
  LinkedRouter,
  NodePeer,
  RemoteRouterLink,
  RouterArrivals,
} from "./contract.ts";
import { dispatch, dispatchRelayed } from "./dispatch.ts";
import type { LinkType } from "./link-type.ts";
import { packMessage } from "./message-objects.ts";
import type { NodeInbox } from "./node-inbox.ts";
import { PlainMessages } from "./plain-messages.ts";
import { writeFragmentParcel, writeInlineParcel } from "./plain-parcel.ts";
import type { ParcelPart } from "./receive-parcel.ts";
import { receivePlainParcel } from "./receive-plain-parcel.ts";
import { RemoteLink } from "./remote-link.ts";
import { Sublinks } from "./sublinks.ts";

export interface NodeLinkOptions {
  readonly driver: IpczDriver;
  /** Taken; its listener becomes this connection when start is called. */
  readonly transport: DriverTransport;
  readonly localName: NodeName;
  readonly remoteName: NodeName;
  readonly remoteType: NodeType;
  readonly side: LinkSide;
  /** Closed with the connection. */
  readonly memory: LinkMemory;
  readonly directory: LinkDirectory;
  readonly inbox: NodeInbox;
  readonly arrivals: RouterArrivals;
  readonly turn: Turn;
  readonly events: NetworkEvents;
  /** Milliseconds from any origin; for how long removed sublinks are remembered. */
  readonly clock: () => number;
}

const NO_HANDLES: readonly IpczDriverHandle[] = [];

export class NodeLink implements NodePeer, TransportListener {
  readonly driver: IpczDriver;
  readonly localName: NodeName;
  readonly remoteName: NodeName;
  readonly remoteType: NodeType;
  readonly side: LinkSide;
  readonly memory: LinkMemory;
  readonly directory: LinkDirectory;
  readonly inbox: NodeInbox;
  readonly arrivals: RouterArrivals;
  readonly turn: Turn;
  readonly assembly: ParcelAssembly;
  private readonly events: NetworkEvents;
  private readonly transport: DriverTransport;
  private readonly sublinks: Sublinks<ParcelPart>;
  private readonly plain = new PlainMessages();
  private nextMessage = 0;
  private state: "alive" | "failing" | "dead" = "alive";

  constructor(options: NodeLinkOptions) {
    this.driver = options.driver;
    this.transport = options.transport;
    this.localName = options.localName;
    this.remoteName = options.remoteName;
    this.remoteType = options.remoteType;
    this.side = options.side;
    this.memory = options.memory;
    this.directory = options.directory;
    this.inbox = options.inbox;
    this.arrivals = options.arrivals;
    this.turn = options.turn;
    this.events = options.events;
    this.sublinks = new Sublinks(options.clock);
    this.assembly = new ParcelAssembly(this, this.sublinks);
  }

  get isDead(): boolean {
    return this.state !== "alive";
  }

  /** The transport's driver handle: what objects must be able to travel on. */
  get transportHandle(): IpczDriverHandle {
    return this.transport.handle;
  }

  get backlogBytes(): number {
    return this.isDead ? 0 : this.transport.backlog;
  }

  watchBacklog(numBytes: number, handler: () => void): boolean {
    if (this.isDead) return false;
    return this.transport.watchBacklog(numBytes, () => this.turn.event(handler));
  }

  /** Routers bound to this connection. */
  get sublinkCount(): number {
    return this.sublinks.count;
  }

  /** What is bound to this connection. */
  get boundLinks(): readonly RemoteRouterLink[] {
    return this.sublinks.links;
  }

  /**
   * Starts to receive: takes over a transport that a handshake has activated, or activates it. A connection may send
   * before that; what it sends waits in the transport.
   */
  start(): IpczResult {
    this.memory.activate();
    if (this.transport.isActive) {
      this.transport.adoptListener(this);
      return IPCZ_RESULT_OK;
    }
    return this.transport.activate(this);
  }

  send<S extends MessageSchema>(
    schema: S,
    values: MessageOf<S>,
    objects?: readonly DriverObject[],
  ): void {
    const message = encodeMessage(schema, values);
    if (objects === undefined || objects.length === 0) this.transmit(message, message.length);
    else this.transmitWithObjects(message, objects);
  }

  sendPlainParcel(sublink: SublinkId, parcel: Parcel): void {
    const fragment = parcel.data.takeFragmentFor(this.memory);
    const room = fragment ? null : parcel.data.takeRoomFor(this.memory);
    const wanted = fragment ? ACCEPT_PARCEL_BYTES : acceptParcelBytes(parcel.data.size);
    const bytes = room ?? this.plain.take(wanted);
    const numBytes = fragment
      ? writeFragmentParcel(bytes, sublink, parcel.sequenceNumber, fragment.descriptor)
      : writeInlineParcel(bytes, sublink, parcel);
    parcel.data.release();
    this.transmit(bytes, numBytes);
    if (room) this.memory.messageRooms.give(room);
    else this.plain.give(bytes);
  }

  sendBytes(
    sublink: SublinkId,
    sequenceNumber: SequenceNumber,
    data: Uint8Array,
    numBytes: number,
  ): void {
    const message = this.plain.takeWithBytes(sublink, sequenceNumber, data, numBytes);
    this.transmit(message, acceptParcelBytes(numBytes));
    this.plain.give(message);
  }

  canCarry(objects: readonly DriverObject[]): boolean {
    return canAllTravel(objects, this.transport.handle);
  }

  newSublinks(count: number): SublinkId {
    const first = this.memory.newSublinks(count);
    if (first !== null) return first;
    this.fail();
    return NO_SUBLINK;
  }

  bind(
    sublink: SublinkId,
    type: LinkType,
    side: LinkSide,
    state: LinkStateHold | null,
    router: LinkedRouter,
  ): RemoteRouterLink | null {
    if (this.isDead || this.sublinks.isTaken(sublink)) {
      state?.release();
      return null;
    }
    const link = new RemoteLink(this, sublink, type, side, state, router);
    this.sublinks.add(sublink, link);
    return link;
  }

  unbind(sublink: SublinkId): void {
    this.sublinks.remove(sublink);
    this.assembly.forget(sublink);
  }

  abandonSublink(sublink: SublinkId): void {
    const early = this.sublinks.abandon(sublink);
    if (early.length === 0) return;
    this.turn.defer(() => {
      for (const part of early) part.close();
    });
  }

  linkAt(sublink: SublinkId): RemoteRouterLink | null {
    return this.sublinks.at(sublink);
  }

  deliverEarlyParcels(sublink: SublinkId): void {
    this.assembly.deliverEarly(sublink);
  }

  reportBadActivity(context: unknown): void {
    this.events.observer?.rejected("parcel", this.localName, this.remoteName);
    if (this.state !== "dead") this.transport.reportBadActivity(context);
  }

  /** Nothing is sent or bound from now on; the teardown waits until no router is in the middle of a change. */
  fail(): void {
    if (this.state !== "alive") return;
    this.state = "failing";
    this.turn.defer(() => {
      this.inbox.linkFailed(this);
    });
  }

  /** Ends the connection: every router bound to it loses its link, memory and transport are closed. Once. */
  deactivate(): void {
    if (this.state === "dead") return;
    this.state = "dead";
    // What follows may make others send here at once; nobody would close what came with that.
    this.transport.deactivate();
    for (const link of this.sublinks.detachAll()) link.router.acceptLinkLost(link);
    this.assembly.drop();
    this.memory.close();
    this.transport.close();
  }

  /** A message that a broker relayed for the node at the other end; its verdict concerns this connection. */
  acceptRelayed(message: Uint8Array, objects: ObjectBag): Verdict {
    return dispatchRelayed(this, message, objects);
  }

  onMessage(data: Uint8Array, numBytes: number, handles: readonly IpczDriverHandle[]): boolean {
    if (this.isDead) {
      // It failed earlier in the batch that brought this.
      closeHandles(this.driver, handles);
      return true;
    }
    this.turn.enterEvent();
    try {
      const verdict = dispatch(this, data, numBytes, handles);
      if (verdict !== "reject") return true;
      this.events.observer?.rejected("message", this.localName, this.remoteName);
      return false;
    } finally {
      this.turn.leaveEvent();
    }
  }

  /** Between onBatchBegin and onBatchEnd, which are the turn. */
  onMessagesAt(buffer: Uint8Array, spans: Int32Array, first: number, count: number): number {
    let next = first;
    while (
      next < count &&
      !this.isDead &&
      receivePlainParcel(this, buffer, spans[2 * next]!, spans[2 * next + 1]!)
    )
      next++;
    return next;
  }

  /** One turn for all of them: trap handlers run once, with everything that has come. */
  onBatchBegin(lent: Uint8Array | null): void {
    this.memory.lent.begin(lent);
    this.turn.enterEvent();
  }

  onBatchEnd(): void {
    // Most parcels are read by trap handlers, before what is lent goes back.
    try {
      this.turn.leaveEvent();
    } finally {
      this.memory.lent.end();
    }
  }

  onError(): void {
    this.turn.event(() => {
      if (this.state !== "dead") this.inbox.linkFailed(this);
    });
  }

  onDeactivated(): void {
    this.onError();
  }

  private transmit(message: Uint8Array, numBytes: number): void {
    if (this.isDead) return;
    setSequenceNumber(message, this.nextMessage++);
    if (this.transport.transmit(message, numBytes, NO_HANDLES) !== IPCZ_RESULT_OK) this.fail();
  }

  private transmitWithObjects(message: Uint8Array, objects: readonly DriverObject[]): void {
    if (this.isDead) {
      closeObjects(objects);
      return;
    }
    if (!this.canCarry(objects)) {
      this.directory.relay(this.remoteName, message, objects);
      return;
    }
    const packed = packMessage(message, objects, this.transport.handle);
    if (!packed) {
      // A message lost would leave a gap that nobody can see (spec: api 3.8).
      this.fail();
      return;
    }
    const { bytes, handles } = packed;
    setSequenceNumber(bytes, this.nextMessage++);
    if (this.transport.transmit(bytes, bytes.length, handles) !== IPCZ_RESULT_OK) this.fail();
  }
}
