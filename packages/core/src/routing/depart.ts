/**
 * A portal leaves this node (spec: routing 3.2 to 3.4).
 *
 * Its router describes a successor, which the far node builds. The fast way splits a local pair, so that nothing stays
 * on the route; else this router stays behind as a proxy, to be bypassed at once if the central link can be locked for
 * that, or later. Links are registered now, so that answers find them, and installed once the message is on its way.
 */
import { verify } from "../base/assert.ts";
import type { LocalRouterLink, NodePeer, RemoteRouterLink } from "../links/contract.ts";
import type { LinkStateHold } from "../memory/link-state-hold.ts";
import { NULL_FRAGMENT, type RouterDescriptor } from "../wire/descriptors.ts";
import { NO_NODE, NO_SUBLINK, SIDE_A, sublinkAfter } from "../wire/ids.ts";
import { installOutwardLink } from "./install.ts";
import { RouteEdge } from "./route-edge.ts";
import { type RouterState, stateOf } from "./router-state.ts";

export function depart(router: RouterState, node: NodePeer): RouterDescriptor {
  router.traps.removeAll();
  router.transactions.abortAll();
  const link = router.outward.primary;
  const locked = link?.tryLockForBypass(node.remoteName) ?? false;
  const peer = locked ? router.localPeer : null;
  if (link?.kind === "local" && peer?.localPeer === router) {
    const state = node.memory.tryAllocateLinkState();
    if (state) {
      router.world.events.observer?.transferred("split", node.remoteName);
      return splitPair(router, peer, link, node, state);
    }
  }
  router.world.events.observer?.transferred("proxied", node.remoteName);
  return stayAsProxy(router, node, locked);
}

/** Fast: the peer gets a link of its own to the successor; this router only forwards what it holds already. */
function splitPair(
  router: RouterState,
  peer: RouterState,
  split: LocalRouterLink,
  node: NodePeer,
  state: LinkStateHold,
): RouterDescriptor {
  const length = peer.outbound.next;
  peer.outward.takePrimary();
  const sublink = node.newSublinks(2);
  const decayingSublink = sublinkAfter(sublink);
  const fragment = state.share();
  const primary = node.bind(sublink, "central", SIDE_A, state, peer.asLinked);
  const decaying = node.bind(decayingSublink, "inward", SIDE_A, null, router.asLinked);
  router.inward = new RouteEdge();
  router.inward.beginDecay(length, router.outbound.reach);
  router.departure = { primary, decaying, split };
  const end = router.inbound.end;
  return {
    closedPeerSequenceLength: end ?? 0,
    newSublink: sublink,
    newLinkStateFragment: fragment,
    newDecayingSublink: decayingSublink,
    nextOutgoingSequenceNumber: router.outbound.reach,
    nextIncomingSequenceNumber: router.inbound.next,
    decayingIncomingSequenceLength: length,
    peerClosed: end !== null,
    proxyAlreadyBypassed: true,
    proxyPeerNodeName: NO_NODE,
    proxyPeerSublink: NO_SUBLINK,
  };
}

/** Slow: this router becomes a proxy. */
function stayAsProxy(router: RouterState, node: NodePeer, locked: boolean): RouterDescriptor {
  const link = router.outward.primary;
  const sublink = node.newSublinks(1);
  const inward = new RouteEdge();
  router.inward = inward;
  const primary = node.bind(sublink, "inward", SIDE_A, null, router.asLinked);
  router.departure = { primary, decaying: null, split: null };
  const closedLength = router.peerGone ? router.inbound.end : null;
  let bypassed: RemoteRouterLink | null = null;
  const nextOutgoing = router.outbound.reach;
  if (closedLength !== null) inward.beginDecay(closedLength, router.outbound.next);
  else if (locked && link?.kind === "remote" && router.outward.isStable) {
    bypassed = link;
    inward.beginDecay(null, null);
    router.beginBypass(null, null);
  } else if (locked) link?.unlock();
  return {
    closedPeerSequenceLength: closedLength ?? 0,
    newSublink: sublink,
    newLinkStateFragment: NULL_FRAGMENT,
    newDecayingSublink: NO_SUBLINK,
    nextOutgoingSequenceNumber: nextOutgoing,
    nextIncomingSequenceNumber: router.inbound.next,
    decayingIncomingSequenceLength: 0,
    peerClosed: closedLength !== null,
    proxyAlreadyBypassed: false,
    proxyPeerNodeName: bypassed?.node.remoteName ?? NO_NODE,
    proxyPeerSublink: bypassed?.sublink ?? NO_SUBLINK,
  };
}

/** Right after the descriptor went to the transport: the new links are put to use. */
export function beginProxying(router: RouterState): void {
  const { primary, decaying, split } = verify(router.departure, "a portal departs before that");
  router.departure = null;
  if (primary?.isBound !== true) {
    router.acceptDisconnected("inward");
    abandon(decaying);
    split?.dissolve();
    router.settle(true);
    return;
  }
  if (split) finishSplit(router, split, primary, decaying);
  else finishProxy(router, primary);
}

function finishSplit(
  router: RouterState,
  split: LocalRouterLink,
  primary: RemoteRouterLink,
  decaying: RemoteRouterLink | null,
): void {
  const stillJoined = router.outward.primary === split;
  if (stillJoined) router.outward.takePrimary();
  const peer = stillJoined ? stateOf(split.peer) : null;
  split.dissolve();
  if (peer && decaying?.isBound === true && !router.cut) {
    router.inward?.install(decaying);
    installOutwardLink(peer, primary);
  } else {
    abandon(primary);
    abandon(decaying);
    // It has lost its link to this router, and gets no other.
    peer?.acceptDisconnected("central");
  }
  router.settle(true);
  peer?.settle(true);
}

function finishProxy(router: RouterState, primary: RemoteRouterLink): void {
  if (router.outbound.end === null && !router.cut) {
    router.inward?.install(primary);
    const outer = router.outward.primary;
    if (outer && router.hasStableEdges) router.markStable(outer);
  } else abandon(primary);
  router.settle(true);
}

/** The far node must not wait on a link that nobody here will use. */
function abandon(link: RemoteRouterLink | null): void {
  if (!link?.isBound) return;
  link.sendRouteDisconnected();
  link.deactivate();
}
