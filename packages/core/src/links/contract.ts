/**
 * What routers, links and the connections under them may ask of each other; interfaces only.
 *
 * They cut the knot between a router (which has links), a link (which delivers to routers) and a connection (which
 * creates routers for portals that arrive): declared here, implemented above and below.
 */
import type { SequenceLength, SequenceNumber } from "../base/sequence.ts";
import type { Turn } from "../base/turn.ts";
import type { Verdict } from "../base/verdict.ts";
import type { DriverObject } from "../driver/driver-object.ts";
import type { LinkMemory } from "../memory/link-memory.ts";
import type { LinkStateHold } from "../memory/link-state-hold.ts";
import type { Attachment } from "../parcels/attachment.ts";
import type { Parcel, ParcelSource } from "../parcels/parcel.ts";
import type { RouterDescriptor } from "../wire/descriptors.ts";
import type { LinkSide, NodeName, SublinkId } from "../wire/ids.ts";
import type { MessageSchema, MessageOf } from "../wire/schema.ts";
import type { LinkType } from "./link-type.ts";

/** What both kinds of link do for the router at this end. */
export interface RouterLinkBase {
  readonly type: LinkType;
  readonly side: LinkSide;
  /** Delivers `parcel` to the far router, or closes it when there is none any more. */
  sendParcel(parcel: Parcel): void;
  /** Tells the far router that this half of the route is closed after `length` parcels. */
  sendRouteClosed(length: SequenceLength): void;
  /** Tells the far router that this half of the route is lost. */
  sendRouteDisconnected(): void;
  /** This end has no decaying links (I7). Remembered while the link state is not resolved yet. */
  markStable(): void;
  /** Takes the lock of a central link for a bypass that `requester` will ask the far end for. */
  tryLockForBypass(requester: NodeName): boolean;
  tryLockForClosure(): boolean;
  /** Took the lock here and has not given it back. */
  readonly isLocked: boolean;
  unlock(): void;
  /** Wakes the far end if it waits for this side to become stable; true when it did. */
  flushOtherSideIfWaiting(): boolean;
  /** Wakes the far end whether it waits or not. */
  flushOtherSide(): void;
  /** Unbinds this end. The far end is not told; what it sends goes nowhere. */
  deactivate(): void;
}

/** A link to a router of the same node: delivery is a call. */
export interface LocalRouterLink extends RouterLinkBase {
  readonly kind: "local";
  /** The router at the far end, null once that end is deactivated. */
  readonly peer: LinkedRouter | null;
  /** Unbinds both ends. */
  dissolve(): void;
}

/** A link to a router of another node: delivery is a message on one sublink of a connection. */
export interface RemoteRouterLink extends RouterLinkBase {
  readonly kind: "remote";
  readonly node: NodePeer;
  readonly sublink: SublinkId;
  /** The router bound to this end. */
  readonly router: LinkedRouter;
  /** False once deactivated, or when the connection is gone. */
  readonly isBound: boolean;
  /** As sendParcel, for the first `numBytes` bytes of `data`, few and lent, and nothing else. */
  sendBytes(sequenceNumber: SequenceNumber, data: Uint8Array, numBytes: number): void;
  /** May the node `name` ask for a bypass of this link? (spec: routing 4.3) */
  mayRequestBypass(name: NodeName): boolean;
  sendBypassPeer(targetNode: NodeName, targetSublink: SublinkId): void;
  sendBypassPeerWithLink(
    newSublink: SublinkId,
    state: LinkStateHold,
    inboundLength: SequenceLength,
  ): void;
  sendStopProxying(inboundLength: SequenceLength, outboundLength: SequenceLength): void;
  sendStopProxyingToLocalPeer(outboundLength: SequenceLength): void;
  sendProxyWillStop(inboundLength: SequenceLength): void;
}

export type RouterLink = LocalRouterLink | RemoteRouterLink;

/** A bypass that the far end offers: from AcceptBypassLink or BypassPeerWithLink (spec: routing 5.4, 5.5). */
export interface BypassOffer {
  /** The link to be replaced, as the message named it. */
  readonly oldLink: RemoteRouterLink;
  /** The connection that carried the message, on which the new sublink lives. */
  readonly node: NodePeer;
  readonly newSublink: SublinkId;
  /** Owned by whoever handles the offer. */
  readonly state: LinkStateHold;
  /** Parcels the far end sent over the old link: 5 means 0..4. */
  readonly inboundLength: SequenceLength;
}

/** What links and connections ask of a router. */
export interface LinkedRouter extends Attachment {
  readonly kind: "portal";
  /** Takes `parcel`, which arrived over a link of type `from`; closes it when it does not fit. */
  acceptParcel(from: LinkType, parcel: Parcel): void;
  acceptRouteClosed(from: LinkType, length: SequenceLength): Verdict;
  /** The half of the route behind a link of type `from` is lost. */
  acceptDisconnected(from: LinkType): void;
  /** `link` is gone with its connection. */
  acceptLinkLost(link: RemoteRouterLink): void;
  acceptBypassPeer(link: RemoteRouterLink, node: NodeName, sublink: SublinkId): Verdict;
  acceptBypassOffer(offer: BypassOffer): Verdict;
  acceptStopProxying(
    link: RemoteRouterLink,
    inbound: SequenceLength,
    outbound: SequenceLength,
  ): Verdict;
  acceptProxyWillStop(link: RemoteRouterLink, inbound: SequenceLength): Verdict;
  acceptStopProxyingToLocalPeer(link: RemoteRouterLink, outbound: SequenceLength): Verdict;
  /** Moves what can move; `eager` also tries to shorten the route (spec: routing 2.4). */
  settle(eager: boolean): void;
  /** One more thing refers to the router: an endpoint, an owner, or a suspended operation. */
  retain(): void;
  /** One less; with the last one the router retires and its parcels are closed. */
  release(): void;
  /** Describes the successor of this router on `node`, and becomes what stays behind (spec: routing 3.2). */
  depart(node: NodePeer): RouterDescriptor;
  /** To be called right after the descriptor was handed to the transport (spec: routing 3.4). */
  beginProxying(): void;
}

/** Builds routers for portals that arrive from another node (spec: routing 3.5). */
export interface RouterArrivals {
  /** Null: the descriptor is invalid, and with it the parcel that carried it. */
  arrive(node: NodePeer, descriptor: RouterDescriptor, carrier: SublinkId): LinkedRouter | null;
}

/** A connection to one other node, as routers and links see it. */
export interface NodePeer extends ParcelSource {
  readonly localName: NodeName;
  readonly remoteName: NodeName;
  /** This node's side of the connection; gives the sides of initial portals' links. */
  readonly side: LinkSide;
  readonly memory: LinkMemory;
  readonly directory: LinkDirectory;
  readonly turn: Turn;
  /** True once the connection failed or was closed; what is sent then goes nowhere. */
  readonly isDead: boolean;
  /** Bytes that wait in the transport; 0 when the driver cannot tell, and on a dead connection. */
  readonly backlogBytes: number;
  /**
   * Calls `handler` once, in a turn of its own, when at most `numBytes` bytes wait; false, and not, when so few do now
   * or the driver cannot tell.
   */
  watchBacklog(numBytes: number, handler: () => void): boolean;
  /** Encodes and transmits one message, relayed by the broker if its objects cannot travel here. Takes `objects`. */
  send<S extends MessageSchema>(
    schema: S,
    values: MessageOf<S>,
    objects?: readonly DriverObject[],
  ): void;
  /** Transmits a parcel's main part without objects or attachments: the common case. */
  sendPlainParcel(sublink: SublinkId, parcel: Parcel): void;
  /** The same for the first `numBytes` bytes of `data`, which are lent; they travel inside the message. */
  sendBytes(
    sublink: SublinkId,
    sequenceNumber: SequenceNumber,
    data: Uint8Array,
    numBytes: number,
  ): void;
  canCarry(objects: readonly DriverObject[]): boolean;
  /** Binds a router to a sublink. Takes `state`. Null: the id is taken, or the connection dead. */
  bind(
    sublink: SublinkId,
    type: LinkType,
    side: LinkSide,
    state: LinkStateHold | null,
    router: LinkedRouter,
  ): RemoteRouterLink | null;
  /** Forgets a sublink; what still arrives for it is ignored. */
  unbind(sublink: SublinkId): void;
  /** Nothing will be bound to a sublink that the peer offered: parcels that came early are closed, late ones will be. */
  abandonSublink(sublink: SublinkId): void;
  /** The link bound to a sublink. */
  linkAt(sublink: SublinkId): RemoteRouterLink | null;
  /** `count` consecutive ids for new sublinks. On a connection that cannot give any it fails, and bind will refuse. */
  newSublinks(count: number): SublinkId;
  /** Delivers parcels that came before `sublink` was bound (spec: routing 10.6). */
  deliverEarlyParcels(sublink: SublinkId): void;
  /** Treats the connection as failed, once the current message is finished. */
  fail(): void;
}

/** A number that names a part of a parcel on a connection: joins halves and subparcels. */
export interface ParcelKey {
  readonly sublink: SublinkId;
  readonly sequenceNumber: SequenceNumber;
}

/** Finding connections by node name; implemented by the node (spec: routing 10.2). */
export interface LinkDirectory {
  /** The connection to `name`, if there is one now. */
  find(name: NodeName): NodePeer | null;
  /**
   * Finds or establishes a connection to `name`, by introduction if need be. `done` is called once: before this
   * returns when the answer is known, with null when no connection can be had.
   */
  establish(name: NodeName, done: (peer: NodePeer | null) => void): void;
  /**
   * Sends `message` to `destination` through the broker, because its objects cannot travel on the direct connection.
   * Takes `objects`; without a broker both are dropped (spec: wire 1.10).
   */
  relay(destination: NodeName, message: Uint8Array, objects: readonly DriverObject[]): void;
  /** The connection `peer` failed: forget it and tear it down (spec: routing 10.7). */
  drop(peer: NodePeer): void;
}
