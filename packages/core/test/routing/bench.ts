/**
 * One router in any state, with real links of a node that is connected to two others.
 */
import type { RemoteRouterLink } from "../../src/links/contract.ts";
import type { LinkType } from "../../src/links/link-type.ts";
import type { LinkState } from "../../src/memory/link-state.ts";
import type { LinkStateHold } from "../../src/memory/link-state-hold.ts";
import { Parcel } from "../../src/parcels/parcel.ts";
import { ParcelData } from "../../src/parcels/parcel-data.ts";
import type { Attachment } from "../../src/parcels/attachment.ts";
import { Router } from "../../src/routing/router.ts";
import type { RouterState } from "../../src/routing/router-state.ts";
import { type NodeName, SIDE_A, SIDE_B, type SublinkId } from "../../src/wire/ids.ts";
import type { NetNode } from "../links/net-node.ts";
import { Network, type NetworkOptions } from "../links/network.ts";

/** A link, and its lock word as the far end sees it. */
export interface BoundLink {
  readonly link: RemoteRouterLink;
  readonly state: LinkState;
}

export class Bench {
  readonly net: Network;
  readonly node: NetNode;
  /** Two other nodes. */
  readonly p: NetNode;
  readonly q: NetNode;

  constructor(options: NetworkOptions = {}) {
    this.net = new Network(options);
    this.node = this.net.node("n");
    this.p = this.net.node("p");
    this.q = this.net.node("q");
    this.net.connect(this.node, this.p);
    this.net.connect(this.node, this.q);
    this.net.connect(this.p, this.q);
  }

  router(): Router {
    return new Router(this.node.world);
  }

  /** A link that is registered and in no edge; side A. */
  bind(router: RouterState, type: LinkType, to: NetNode = this.p): RemoteRouterLink {
    if (type === "central") return this.central(router, to).link;
    const link = this.node.linkTo(to);
    const bound = link.bind(link.newSublinks(1), type, SIDE_A, null, router.asLinked);
    if (!bound) throw new Error("not bound");
    return bound;
  }

  central(router: RouterState, to: NetNode = this.p): BoundLink {
    const link = this.node.linkTo(to);
    const hold = this.newState(to);
    const state = stateIn(hold);
    const bound = link.bind(link.newSublinks(1), "central", SIDE_A, hold, router.asLinked);
    if (!bound) throw new Error("not bound");
    return { link: bound, state };
  }

  newState(to: NetNode = this.p): LinkStateHold {
    const hold = this.node.linkTo(to).memory.tryAllocateLinkState();
    if (!hold) throw new Error("no link state");
    return hold;
  }

  /** A router whose outward primary link is a central one to `to`, stable at both ends. */
  terminal(to: NetNode = this.p): BoundLink & { readonly router: Router } {
    const router = this.router();
    const bound = this.central(router, to);
    bound.state.markStable(SIDE_A);
    bound.state.markStable(SIDE_B);
    router.outward.install(bound.link);
    return { ...bound, router };
  }

  /** The sublink that the next `bind` to `to` would get. */
  nextSublink(to: NetNode = this.p): SublinkId {
    return (this.node.linkTo(to).newSublinks(1) + 1) as SublinkId;
  }

  /** Runs `body` as a message handler of the node would run. */
  handle<T>(body: () => T): T {
    return this.node.event(body);
  }

  /** Messages refused so far, by anybody. */
  get refusals(): readonly string[] {
    return this.net.queue.refusals;
  }

  /** The ids of messages from the node to `to`, all of them, which are then forgotten. */
  sentTo(to: NetNode): number[] {
    const ids = this.net.underWay(this.node, to);
    for (const end of this.net.queue.ends)
      if (end.driver === to.driver && end.from === this.node.label) end.takeWaiting();
    return ids;
  }
}

/** The far end takes the lock for a bypass that `requester` will ask for. */
export function lockByFarEnd(state: LinkState, requester: NodeName): void {
  state.markStable(SIDE_A);
  state.markStable(SIDE_B);
  if (!state.tryLock(SIDE_B)) throw new Error("not locked");
  state.setAllowedSource(requester);
}

export function stateIn(hold: LinkStateHold): LinkState {
  if (!hold.state) throw new Error("not resolved");
  return hold.state;
}

/** The status word of a link. */
export function statusOf(link: unknown): number | null {
  const inside = link as {
    readonly hold?: LinkStateHold | null;
    readonly joint?: { readonly state: LinkState | null };
  };
  return (inside.joint?.state ?? inside.hold?.state)?.status ?? null;
}

export function parcelOf(
  text: string,
  number: number,
  attachments: readonly Attachment[] = [],
): Parcel {
  const parcel = new Parcel(ParcelData.heap(new TextEncoder().encode(text)), attachments);
  parcel.sequenceNumber = number;
  return parcel;
}

/** A router whose decaying outward link is `old`, with a new primary one. */
export function decaying(bench: Bench, limits: { to?: number; from?: number } = {}) {
  const { router, link: old, state: oldState } = bench.terminal();
  router.outward.beginDecay(limits.to ?? null, limits.from ?? null);
  const fresh = bench.central(router, bench.q);
  router.outward.install(fresh.link);
  return { router, old, oldState, fresh: fresh.link };
}

/** Arms a trap and counts how often it fires. */
export function countEvents(node: NetNode, router: Router, flags: number): { fired: number } {
  const counter = { fired: 0 };
  node.call(() =>
    router.traps.arm(
      { flags, minLocalParcels: 0, minLocalBytes: 0 },
      () => {
        counter.fired++;
      },
      null,
      router,
    ),
  );
  return counter;
}
