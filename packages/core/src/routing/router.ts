/**
 * The router: one hop of a route. It changes its state, then carries out what follows from the change.
 *
 * A router lives while something refers to it: the owner of its portal (a handle, or the parcel it travels in), the
 * endpoint of a link, or a suspended operation. With the last of them it retires, and what is left in its queues is
 * closed (spec: routing 1.6, 12.4).
 */
import { assert } from "../base/assert.ts";
import type { SequenceLength, SequenceNumber } from "../base/sequence.ts";
import type { Verdict } from "../base/verdict.ts";
import type { BypassOffer, LinkedRouter, NodePeer, RemoteRouterLink } from "../links/contract.ts";
import type { LinkType } from "../links/link-type.ts";
import type { Parcel } from "../parcels/parcel.ts";
import type { RouterDescriptor } from "../wire/descriptors.ts";
import type { NodeName, SublinkId } from "../wire/ids.ts";
import { act } from "./act.ts";
import { acceptBypassOffer, acceptBypassPeer } from "./bypass-accept.ts";
import {
  acceptProxyWillStop,
  acceptStopProxying,
  acceptStopProxyingToLocalPeer,
} from "./bypass-finish.ts";
import { acceptDisconnected, acceptLinkLost, acceptRouteClosed, closePortal } from "./closure.ts";
import { beginProxying, depart } from "./depart.ts";
import { acceptParcel } from "./inbound.ts";
import type { BacklogWatches } from "./portal-backlog.ts";
import { RouterState, type RouterWorld } from "./router-state.ts";
import { decide, isQuiet } from "./settle.ts";

/** A handshake without an outcome, as the portals it is for see it. */
export interface HandshakeWatch {
  /** Calls `handler` once, with whether the two nodes are connected. */
  watch(handler: (connected: boolean) => void): void;
}

/** Where the sequences of a moved portal go on. */
export interface RouterStart {
  readonly nextOutgoing: SequenceNumber;
  readonly nextIncoming: SequenceNumber;
}

export class Router extends RouterState implements LinkedRouter {
  readonly kind = "portal";
  /** Who waits for this portal's backlog to shrink; null: nobody ever did. */
  backlogWatches: BacklogWatches | null = null;
  /** The handshake that will give this portal its first link; null: there is none, or it has an outcome. */
  handshake: HandshakeWatch | null = null;
  private references = 1;
  private retired = false;

  /** The new router has one reference: its portal's owner, who ends it with close or release. */
  constructor(world: RouterWorld, start?: RouterStart) {
    super(world);
    world.liveRouters++;
    world.observer?.created(this);
    if (!start) return;
    this.outbound.next = start.nextOutgoing;
    this.inbound.next = start.nextIncoming;
  }

  get asLinked(): LinkedRouter {
    return this;
  }

  settle(eager: boolean): void {
    if (eager || !isQuiet(this)) act(this, decide(this, eager));
    this.backlogWatches?.check();
    this.world.observer?.changed(this);
  }

  /** Closes the portal, and gives up its owner's reference. */
  close(): void {
    closePortal(this);
    this.release();
  }

  retain(): void {
    this.references++;
  }

  release(): void {
    assert(this.references > 0, "a reference is given up once");
    this.references--;
    if (this.references === 0) this.world.turn.defer(() => this.retire());
  }

  acceptParcel(from: LinkType, parcel: Parcel): void {
    acceptParcel(this, from, parcel);
  }

  acceptRouteClosed(from: LinkType, length: SequenceLength): Verdict {
    return acceptRouteClosed(this, from, length);
  }

  acceptDisconnected(from: LinkType): void {
    acceptDisconnected(this, from);
  }

  acceptLinkLost(link: RemoteRouterLink): void {
    acceptLinkLost(this, link);
  }

  acceptBypassPeer(link: RemoteRouterLink, node: NodeName, sublink: SublinkId): Verdict {
    return acceptBypassPeer(this, link, node, sublink);
  }

  acceptBypassOffer(offer: BypassOffer): Verdict {
    return acceptBypassOffer(this, offer);
  }

  acceptStopProxying(
    link: RemoteRouterLink,
    inbound: SequenceLength,
    outbound: SequenceLength,
  ): Verdict {
    return acceptStopProxying(this, link, inbound, outbound);
  }

  acceptProxyWillStop(link: RemoteRouterLink, inbound: SequenceLength): Verdict {
    return acceptProxyWillStop(this, link, inbound);
  }

  acceptStopProxyingToLocalPeer(link: RemoteRouterLink, outbound: SequenceLength): Verdict {
    return acceptStopProxyingToLocalPeer(this, link, outbound);
  }

  depart(node: NodePeer): RouterDescriptor {
    return depart(this, node);
  }

  beginProxying(): void {
    beginProxying(this);
  }

  private retire(): void {
    if (this.references > 0 || this.retired) return;
    this.retired = true;
    this.world.liveRouters--;
    this.world.observer?.retired(this);
    if (this.bypassed && !this.cut) this.world.events.observer?.bypass("finished");
    this.transactions.abortAll();
    const left = [...this.inbound.takeAll(), ...this.outbound.takeAll()];
    for (const parcel of left) parcel.close();
  }
}
