/**
 * The two ends of a bypass accept it: Z is asked to contact X (spec: routing 5.3, 5.4, 5.6), X is offered a link by Z
 * (spec: routing 5.4, 5.5). Each end decays its link to the proxy up to what it has sent there, and goes on over the
 * new link, not stable until the old one is finished.
 */
import type { Verdict } from "../base/verdict.ts";
import type { BypassOffer, NodePeer, RemoteRouterLink } from "../links/contract.ts";
import { LocalLink } from "../links/local-link.ts";
import type { LinkStateHold } from "../memory/link-state-hold.ts";
import { type NodeName, SIDE_A, SIDE_B, type SublinkId } from "../wire/ids.ts";
import { AcceptBypassLink } from "../wire/messages/route.ts";
import { installOutwardLink } from "./install.ts";
import { type RouterState, stateOf } from "./router-state.ts";

/** The router to contact: at `sublink` between the proxy's node and `node`. */
interface Target {
  readonly proxyNode: NodePeer;
  readonly sublink: SublinkId;
}

/** Handles BypassPeer, which came in on `link`; also when a descriptor says the same (spec: routing 3.5, step 7). */
export function acceptBypassPeer(
  router: RouterState,
  link: RemoteRouterLink,
  node: NodeName,
  sublink: SublinkId,
): Verdict {
  if (router.outward.primary === null) return "ignore";
  if (router.outward.primary !== link) return "reject";
  const target: Target = { proxyNode: link.node, sublink };
  if (node === link.node.localName) return bypassToOwnNode(router, link, target);
  let verdict: Verdict = "accept";
  let returned = false;
  router.retain();
  link.node.directory.establish(node, (peer) => {
    const result = contactTarget(router, link, target, peer);
    if (returned && result === "reject") link.node.fail();
    verdict = result;
    router.release();
  });
  returned = true;
  return verdict;
}

function contactTarget(
  router: RouterState,
  link: RemoteRouterLink,
  target: Target,
  peer: NodePeer | null,
): Verdict {
  if (router.cut || router.outward.primary !== link) return "accept";
  if (!peer || peer.isDead) {
    router.acceptDisconnected("outward");
    return "accept";
  }
  const state = peer.memory.tryAllocateLinkState();
  if (state) return offerLink(router, link, target, peer, state);
  router.retain();
  peer.memory.whenLinkState((later) => {
    // Without a link state the bypass is given up; the lock is the proxy's, and the route goes on through it. When it
    // is the connection that is lost, nobody else may notice (spec: routing 5.10).
    if (later) {
      if (offerLink(router, link, target, peer, later) === "reject") link.node.fail();
    } else if (peer.isDead) contactTarget(router, link, target, null);
    router.release();
  });
  return "accept";
}

/** Z's part: a new sublink to X's node, announced there, then used. Takes `state`. */
function offerLink(
  router: RouterState,
  link: RemoteRouterLink,
  target: Target,
  peer: NodePeer,
  state: LinkStateHold,
): Verdict {
  if (router.cut || router.outward.primary !== link) {
    state.release();
    return "accept";
  }
  const length = router.outbound.next;
  if (!router.outward.beginDecay(length, null)) {
    state.release();
    return "reject";
  }
  const sublink = peer.newSublinks(1);
  const bound = peer.bind(sublink, "central", SIDE_A, state, router.asLinked);
  if (!bound) {
    router.acceptDisconnected("outward");
    return "accept";
  }
  peer.send(AcceptBypassLink, {
    currentPeerNode: target.proxyNode.remoteName,
    currentPeerSublink: target.sublink,
    inboundSequenceLengthFromBypassedLink: length,
    newSublink: sublink,
    newLinkStateFragment: state.share(),
  });
  installOutwardLink(router, bound);
  return "accept";
}

/** X is on Z's own node: both become a local pair, and X tells the proxy to stop (spec: routing 5.6). */
function bypassToOwnNode(router: RouterState, link: RemoteRouterLink, target: Target): Verdict {
  const found = target.proxyNode.linkAt(target.sublink);
  const other = stateOf(found?.router ?? null);
  if (!found || !other) {
    router.acceptDisconnected("outward");
    return "accept";
  }
  if (!other.outward.primary || router.cut || other.cut) return "accept";
  const authentic =
    other !== router &&
    other.outward.primary === found &&
    found.type === "central" &&
    found.mayRequestBypass(link.node.localName);
  if (!authentic) return "reject";
  const ourLength = router.outbound.next;
  const otherLength = other.outbound.next;
  if (!router.outward.isStable || !other.outward.isStable) return "reject";
  router.outward.beginDecay(ourLength, otherLength);
  other.outward.beginDecay(otherLength, ourLength);
  joinLocally(router, other);
  found.sendStopProxying(otherLength, ourLength);
  router.settle(false);
  other.settle(false);
  return "accept";
}

/**
 * A new central link between two routers of this node, whose old links decay; it is stable when those are gone. Both
 * ends must have it before either settles.
 */
export function joinLocally(a: RouterState, b: RouterState): void {
  const [linkA, linkB] = LocalLink.central(a.asLinked, b.asLinked, false);
  a.outward.install(linkA);
  b.outward.install(linkB);
}

/** X's part: takes the offered link in place of the old one, and says so to the proxy and to Z. */
export function acceptBypassOffer(router: RouterState, offer: BypassOffer): Verdict {
  const verdict = judgeOffer(router, offer);
  if (verdict !== "accept") {
    offer.state.release();
    return verdict;
  }
  const { oldLink, node, newSublink, state, inboundLength } = offer;
  const length = router.outbound.next;
  router.outward.beginDecay(length, inboundLength);
  const link = node.bind(newSublink, "central", SIDE_B, state, router.asLinked);
  if (!link) {
    router.acceptDisconnected("outward");
    return "accept";
  }
  router.outward.install(link);
  if (node === oldLink.node) oldLink.sendStopProxyingToLocalPeer(length);
  else {
    oldLink.sendStopProxying(length, inboundLength);
    link.sendProxyWillStop(length);
  }
  node.deliverEarlyParcels(newSublink);
  router.settle(false);
  return "accept";
}

function judgeOffer(router: RouterState, offer: BypassOffer): Verdict {
  const { oldLink, node } = offer;
  const primary = router.outward.primary;
  if (router.cut || !primary) return "ignore";
  // Over another connection Z acts on the proxy's word. A lie of the proxy's must not cost Z its link with us.
  const refusal = node === oldLink.node ? "reject" : "ignore";
  if (primary.kind !== "remote" || primary !== oldLink) return refusal;
  if (node !== oldLink.node && !oldLink.mayRequestBypass(node.remoteName)) return refusal;
  return router.outward.isStable ? "accept" : refusal;
}
