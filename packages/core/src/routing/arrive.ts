/**
 * A portal arrives from another node: its router is built from a descriptor (spec: routing 3.5).
 */
import type { NodePeer, RemoteRouterLink, RouterArrivals } from "../links/contract.ts";
import type { RouterDescriptor } from "../wire/descriptors.ts";
import { NO_BUFFER, NO_NODE, SIDE_B, type SublinkId } from "../wire/ids.ts";
import { Limits } from "../base/limits.ts";
import { Router } from "./router.ts";
import type { RouterWorld } from "./router-state.ts";

export class Arrivals implements RouterArrivals {
  private readonly world: RouterWorld;

  constructor(world: RouterWorld) {
    this.world = world;
  }

  arrive(node: NodePeer, descriptor: RouterDescriptor, carrier: SublinkId): Router | null {
    if (!sublinksDiffer(descriptor, carrier) || !isCountable(descriptor)) return null;
    const router = new Router(this.world, {
      nextOutgoing: descriptor.nextOutgoingSequenceNumber,
      nextIncoming: descriptor.nextIncomingSequenceNumber,
    });
    const links = takePeerClosure(router, descriptor) ? bindLinks(router, node, descriptor) : null;
    if (links === null) {
      router.close();
      return null;
    }
    this.world.events.observer?.transferred("arrived", node.remoteName);
    node.deliverEarlyParcels(descriptor.newSublink);
    if (descriptor.proxyAlreadyBypassed) node.deliverEarlyParcels(descriptor.newDecayingSublink);
    if (links.primary === null) router.acceptDisconnected("outward");
    else if (descriptor.proxyPeerNodeName !== NO_NODE)
      router.acceptBypassPeer(
        links.primary,
        descriptor.proxyPeerNodeName,
        descriptor.proxyPeerSublink,
      );
    router.settle(true);
    return router;
  }
}

/** The new sublinks and the one that carried the parcel name three different links (spec: routing 0.1, D3). */
function sublinksDiffer(descriptor: RouterDescriptor, carrier: SublinkId): boolean {
  const { newSublink, newDecayingSublink, proxyAlreadyBypassed } = descriptor;
  if (newSublink === carrier) return false;
  return (
    !proxyAlreadyBypassed || (newDecayingSublink !== carrier && newDecayingSublink !== newSublink)
  );
}

/** The sequences can go on without leaving the numbers that the wire has. */
function isCountable(descriptor: RouterDescriptor): boolean {
  const { nextOutgoingSequenceNumber, nextIncomingSequenceNumber } = descriptor;
  const positionMax = Limits.arrivalPositionMax;
  return nextOutgoingSequenceNumber <= positionMax && nextIncomingSequenceNumber <= positionMax;
}

function takePeerClosure(router: Router, descriptor: RouterDescriptor): boolean {
  if (!descriptor.peerClosed) return true;
  router.peerGone = true;
  if (!router.inbound.setEnd(descriptor.closedPeerSequenceLength)) return false;
  if (router.inbound.isDrained) router.refreshStatus();
  return true;
}

interface ArrivalLinks {
  /** Null: the sublink is taken; the router is dead on arrival, the parcel is still valid. */
  readonly primary: RemoteRouterLink | null;
}

/** Null: the descriptor is invalid. */
function bindLinks(
  router: Router,
  node: NodePeer,
  descriptor: RouterDescriptor,
): ArrivalLinks | null {
  const { newSublink, newLinkStateFragment } = descriptor;
  if (!descriptor.proxyAlreadyBypassed) {
    if (newLinkStateFragment.bufferId !== NO_BUFFER) return null;
    const primary = node.bind(newSublink, "outward", SIDE_B, null, router);
    if (primary) router.outward.install(primary);
    return { primary };
  }
  const state = node.memory.adoptLinkState(newLinkStateFragment);
  if (!state) return null;
  const decaying = node.bind(descriptor.newDecayingSublink, "outward", SIDE_B, null, router);
  if (!decaying) {
    state.release();
    return null;
  }
  // Nothing of ours ever goes there; what still comes from there ends where the split was made.
  router.outward.install(decaying);
  router.outward.beginDecay(
    descriptor.nextOutgoingSequenceNumber,
    descriptor.decayingIncomingSequenceLength > 0
      ? descriptor.decayingIncomingSequenceLength
      : descriptor.nextIncomingSequenceNumber,
  );
  const primary = node.bind(newSublink, "central", SIDE_B, state, router);
  if (!primary) return null;
  router.outward.install(primary);
  return { primary };
}
