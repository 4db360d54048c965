/**
 * A router's fields, and the invariants between them (spec: routing 1).
 *
 * A terminal router stands behind a portal. A proxy has an inward edge: its portal moved away. A merged router has a
 * bridge. The files of this layer are functions over this state; the class Router puts them together.
 */
import { IPCZ_PORTAL_STATUS_DEAD, IPCZ_PORTAL_STATUS_PEER_CLOSED } from "@ipcz/api";
import { assert } from "../base/assert.ts";
import type { Turn } from "../base/turn.ts";
import type { LinkedRouter, LocalRouterLink, RouterLink } from "../links/contract.ts";
import type { LinkType } from "../links/link-type.ts";
import type { Parcel } from "../parcels/parcel.ts";
import { SequencedQueue } from "../parcels/sequenced-queue.ts";
import { RouteEdge } from "./route-edge.ts";
import { Transactions } from "./transactions.ts";
import { TrapDelivery } from "./trap-delivery.ts";
import { type TrapSubject, Traps } from "./traps.ts";

/** What all routers of one API table share. */
export class RouterWorld {
  readonly turn: Turn;
  readonly traps: TrapDelivery;
  /** Routers that have not retired. */
  liveRouters = 0;

  constructor(turn: Turn) {
    this.turn = turn;
    this.traps = new TrapDelivery(turn);
  }
}

/** What stays behind while a portal moves (spec: routing 3.4). */
export interface Departure {
  /** The link at the descriptor's new sublink; null: it could not be registered. */
  readonly primary: RouterLink | null;
  /** The link at the descriptor's decaying sublink, after a split only. */
  readonly decaying: RouterLink | null;
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
    assert(this.inward === null || this.traps.isEmpty, "I1: a proxy has no traps");
    assert(
      this.inward === null || this.bridge === null,
      "I2: no router has both inward and bridge",
    );
    if (this.cut) {
      assert(!hasLinks(this.outward), "I14: a cut router holds no outward link");
      assert(!this.inward || !hasLinks(this.inward), "I14: a cut router holds no inward link");
    }
  }
}

/** The state behind what a link calls a router; there is only one kind. */
export function stateOf(router: LinkedRouter | null): RouterState | null {
  if (router === null) return null;
  assert(router instanceof RouterState, "every linked router is a router of ours");
  return router;
}

function hasLinks(edge: RouteEdge): boolean {
  const links: RouterLink[] = [];
  if (edge.primary) links.push(edge.primary);
  if (edge.decaying?.link) links.push(edge.decaying.link);
  return links.length > 0;
}
