/**
 * A router's fields, and the invariants between them (spec: routing 1).
 *
 * A terminal router stands behind a portal. A proxy has an inward edge: its portal moved away. A merged router has a
 * bridge. The files of this layer are functions over this state; the class Router puts them together.
 */
import { IPCZ_PORTAL_STATUS_DEAD, IPCZ_PORTAL_STATUS_PEER_CLOSED } from "@ipcz/api";
import { assert } from "../base/assert.ts";
import { NetworkEvents } from "../base/network-events.ts";
import type { SequenceLength } from "../base/sequence.ts";
import type { Turn } from "../base/turn.ts";
import type {
  LinkedRouter,
  LocalRouterLink,
  RemoteRouterLink,
  RouterLink,
} from "../links/contract.ts";
import type { LinkType } from "../links/link-type.ts";
import type { Parcel } from "../parcels/parcel.ts";
import { SequencedQueue } from "../parcels/sequenced-queue.ts";
import { RouteEdge } from "./route-edge.ts";
import { Transactions } from "./transactions.ts";
import { TrapDelivery } from "./trap-delivery.ts";
import { type TrapSubject, Traps } from "./traps.ts";

/** Told of what routers go through. Tests check invariants with it; nothing else should need one. */
export interface RouterObserver {
  created(router: RouterState): void;
  /** A change of `router` is complete. Others may be in the middle of theirs. */
  changed(router: RouterState): void;
  retired(router: RouterState): void;
}

/** What all routers of one API table share. */
export class RouterWorld {
  readonly turn: Turn;
  readonly traps: TrapDelivery;
  readonly observer: RouterObserver | null;
  readonly events: NetworkEvents = new NetworkEvents();
  /** Routers that have not retired. */
  liveRouters = 0;

  constructor(turn: Turn, observer: RouterObserver | null = null) {
    this.turn = turn;
    this.traps = new TrapDelivery(turn);
    this.observer = observer;
  }
}

/** What stays behind while a portal moves (spec: routing 3.4). */
export interface Departure {
  /** The link at the descriptor's new sublink; null: it could not be registered. */
  readonly primary: RemoteRouterLink | null;
  /** The link at the descriptor's decaying sublink, after a split only. */
  readonly decaying: RemoteRouterLink | null;
  /** The local link that a split takes apart; null when the router stays as a proxy. */
  readonly split: LocalRouterLink | null;
}

export abstract class RouterState implements TrapSubject {
  readonly world: RouterWorld;
  readonly outward: RouteEdge = new RouteEdge();
  inward: RouteEdge | null = null;
  bridge: RouteEdge | null = null;
  /** From the peer, toward our portal. */
  readonly inbound: SequencedQueue<Parcel> = new SequencedQueue();
  /** From our portal, toward the peer. */
  readonly outbound: SequencedQueue<Parcel> = new SequencedQueue();
  /** The route was lost; the router has no links and never gets one again (I14). */
  cut = false;
  /** The other end is known to be closed or lost. */
  peerGone = false;
  /** The application closed the portal. */
  closed = false;
  /** This router has begun to take itself out of its route. */
  bypassed = false;
  /** Memory for a link state was refused when this router waited for it. */
  memoryRefused = false;
  /** IPCZ_PORTAL_STATUS_* bits; sticky. */
  statusFlags = 0;
  /** Links that are registered but in no edge yet, while the portal's descriptor is being sent. */
  departure: Departure | null = null;
  readonly traps: Traps;
  readonly transactions: Transactions = new Transactions();

  constructor(world: RouterWorld) {
    this.world = world;
    this.traps = new Traps(world.traps);
  }

  /** This router, as links name it. */
  abstract get asLinked(): LinkedRouter;
  abstract settle(eager: boolean): void;
  abstract acceptDisconnected(from: LinkType): void;
  abstract retain(): void;
  abstract release(): void;

  addBridge(link: RouterLink): void {
    this.bridge = new RouteEdge();
    this.bridge.install(link);
  }

  get localParcels(): number {
    return this.inbound.run;
  }

  get localBytes(): number {
    return this.inbound.bytes;
  }

  get isTerminal(): boolean {
    return this.inward === null && this.bridge === null;
  }

  get isPeerClosed(): boolean {
    return (this.statusFlags & IPCZ_PORTAL_STATUS_PEER_CLOSED) !== 0;
  }

  get isDead(): boolean {
    return (this.statusFlags & IPCZ_PORTAL_STATUS_DEAD) !== 0;
  }

  /** The router at the far end of a local outward link. */
  get localPeer(): RouterState | null {
    const link = this.outward.primary;
    return link?.kind === "local" ? stateOf(link.peer) : null;
  }

  /** Neither direction has a record of decay. */
  get hasStableEdges(): boolean {
    return this.outward.isStable && (this.inward === null || this.inward.isStable);
  }

  /** This end of the central link `link` has nothing to wait for any more. */
  markStable(link: RouterLink): void {
    assert(
      !this.outward.decaying?.link && !this.inward?.decaying?.link,
      "I7: a side is marked stable only without decaying links",
    );
    link.markStable();
  }

  /** Begins to replace the outward link, on this router's own initiative or that of one beside it. */
  beginBypass(to: SequenceLength | null, from: SequenceLength | null): void {
    assert(
      this.outward.primary?.isLocked === true,
      "I9: a central link is given up unasked only under its lock",
    );
    const begun = this.outward.beginDecay(to, from);
    assert(begun, "I3: an edge never holds two decaying links");
    this.bypassed = true;
    this.world.events.observer?.bypass("begun");
  }

  /** Sets the status bits that follow from the inbound queue (spec: routing 9). */
  refreshStatus(): void {
    if (!this.peerGone) return;
    if (this.inbound.isDrained)
      this.statusFlags |= IPCZ_PORTAL_STATUS_PEER_CLOSED | IPCZ_PORTAL_STATUS_DEAD;
    else if (!this.inbound.isOpen) this.statusFlags |= IPCZ_PORTAL_STATUS_PEER_CLOSED;
  }

  /** Closes parcels once nothing is in the middle of a change. */
  disposeParcels(parcels: readonly Parcel[]): void {
    if (parcels.length === 0) return;
    this.world.turn.defer(() => {
      for (const parcel of parcels) parcel.close();
    });
  }

  /** What must hold whenever no change is under way. */
  checkInvariants(): void {
    const { outward, inward, bridge } = this;
    assert(inward === null || this.traps.isEmpty, "I1: a proxy has no traps");
    assert(inward === null || bridge === null, "I2: no router has both inward and bridge");
    for (const edge of [outward, inward, bridge]) {
      if (!edge) continue;
      edge.checkInvariants();
      const links = edge.links;
      assert(!this.cut || links.length === 0, "I14: a cut router holds no links");
      for (const link of links) this.checkLink(edge, link);
    }
  }

  private checkLink(edge: RouteEdge, link: RouterLink): void {
    const { departure } = this;
    const outer = link.type === "central" || link.type === "outward";
    assert(outer === (edge === this.outward), "an outward link is in the outward edge");
    assert((link.type === "bridge") === (edge === this.bridge), "a bridge link is in the bridge");
    assert(
      departure === null || (link !== departure.primary && link !== departure.decaying),
      "I11: a link is used only after the message that introduces it was sent",
    );
  }
}

/** The state behind what a link calls a router; there is only one kind. */
export function stateOf(router: LinkedRouter | null): RouterState | null {
  if (router === null) return null;
  assert(router instanceof RouterState, "every linked router is a router of ours");
  return router;
}
