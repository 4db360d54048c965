/**
 * Two routes become one: a bridge joins their ends, then is taken out of the route (spec: routing 7).
 *
 *     XF ===central=== F ---bridge--- S ===central=== XS
 *
 * Three cases: both outer peers on other nodes (B1), one of them here (B2), both here (B3).
 */
import { assert, verify } from "../base/assert.ts";
import type { LocalRouterLink, RemoteRouterLink, RouterLink } from "../links/contract.ts";
import { LocalLink } from "../links/local-link.ts";
import type { LinkStateHold } from "../memory/link-state-hold.ts";
import { NO_NODE, type NodeName, SIDE_A } from "../wire/ids.ts";
import { joinLocally } from "./bypass-accept.ts";
import { giveUp, spareLinkState } from "./bypass-start.ts";
import { installOutwardLink } from "./install.ts";
import { type RouterState, stateOf } from "./router-state.ts";

/** Why two portals cannot be merged; null: they can (spec: routing 7.1). */
export function mergeObstacle(a: RouterState, b: RouterState): "invalid" | "used" | null {
  if (a === b || a.localPeer === b || !a.isTerminal || !b.isTerminal) return "invalid";
  for (const router of [a, b])
    if (router.inbound.next > 0 || router.outbound.reach > 0) return "used";
  return null;
}

/** Joins two portals' routers; neither is a portal's any more. */
export function mergeRoutes(a: RouterState, b: RouterState): void {
  for (const router of [a, b]) {
    router.traps.removeAll();
    router.transactions.abortAll();
  }
  const [linkA, linkB] = LocalLink.bridge(a.asLinked, b.asLinked);
  a.addBridge(linkA);
  b.addBridge(linkB);
  a.settle(false);
  b.settle(false);
}

/** One half of a merged pair, with the links that matter. */
interface Half {
  readonly router: RouterState;
  readonly link: RouterLink;
}

/** Takes the bridge out of the route if both its ends can be locked; called while the first of them settles. */
export function bypassBridge(first: RouterState): void {
  const halves = bridgeHalves(first);
  if (!halves) return;
  const [f, s] = halves;
  const { router: fr, link: fl } = f;
  const { router: sr, link: sl } = s;
  // Both ends of one route were merged: a ring, of which nobody holds an end any more.
  if (fr.localPeer === sr) fr.acceptDisconnected("outward");
  else if (fl.kind === "local" && sl.kind === "remote")
    bypassToOneLocalPeer(halves, fr, fl, sr, sl);
  else if (fl.kind === "remote" && sl.kind === "local")
    bypassToOneLocalPeer(halves, sr, sl, fr, fl);
  else if (!lockBoth(halves)) return;
  else if (fl.kind === "remote" && sl.kind === "remote") bypassToRemotePeers(fr, fl, sr, sl);
  else bypassBetweenLocalPeers(fr, sr);
}

/** Locks both outward links, or none. */
function lockBoth([f, s]: readonly [Half, Half]): boolean {
  if (!f.link.tryLockForBypass(nodeOf(s.link))) return false;
  if (s.link.tryLockForBypass(nodeOf(f.link))) return true;
  f.link.unlock();
  return false;
}

function bridgeHalves(first: RouterState): readonly [Half, Half] | null {
  const bridge = first.bridge?.primary;
  if (bridge?.kind !== "local" || !first.bridge?.isStable || first.inward) return null;
  const second = stateOf(bridge.peer);
  if (!second?.bridge?.isStable || second.inward) return null;
  const firstLink = first.outward.primary;
  const secondLink = second.outward.primary;
  if (!firstLink || !secondLink || !first.outward.isStable || !second.outward.isStable) return null;
  return [
    { router: first, link: firstLink },
    { router: second, link: secondLink },
  ];
}

/** The node of the router at the far end; none for one of this node, from which no request will come. */
function nodeOf(link: RouterLink): NodeName {
  return link.kind === "remote" ? link.node.remoteName : NO_NODE;
}

/** B1: XS is asked to contact XF. */
function bypassToRemotePeers(
  f: RouterState,
  fl: RemoteRouterLink,
  s: RouterState,
  sl: RemoteRouterLink,
): void {
  for (const router of [f, s]) {
    router.beginBypass(null, null);
    router.bridge?.beginDecay(null, null);
  }
  sl.sendBypassPeer(fl.node.remoteName, fl.sublink);
}

/** B2: T's outer peer is here, O's is remote. Needs a link state in the memory shared with the remote one's node. */
function bypassToOneLocalPeer(
  halves: readonly [Half, Half],
  t: RouterState,
  tl: LocalRouterLink,
  o: RouterState,
  ol: RemoteRouterLink,
): void {
  const memory = ol.node.memory;
  const spare = spareLinkState(o, memory);
  if (o.memoryRefused && !spare) return;
  if (!lockBoth(halves)) {
    spare?.release();
    return;
  }
  const state = spare ?? memory.tryAllocateLinkState();
  if (state) {
    linkLocalPeer(t, tl, o, ol, state);
    return;
  }
  t.retain();
  o.retain();
  memory.whenLinkState((later) => {
    if (later) linkLocalPeer(t, tl, o, ol, later);
    else giveUp(o, tl, ol);
    t.release();
    o.release();
  });
}

/** Takes `state`. */
function linkLocalPeer(
  t: RouterState,
  tl: LocalRouterLink,
  o: RouterState,
  ol: RemoteRouterLink,
  state: LinkStateHold,
): void {
  const peer = stateOf(tl.peer);
  const halves = bridgeHalves(t);
  const asBefore =
    halves !== null &&
    halves[0].link === tl &&
    halves[1].router === o &&
    halves[1].link === ol &&
    tl.isLocked &&
    ol.isLocked &&
    peer !== null &&
    peer.localPeer === t &&
    peer.outward.isStable;
  if (!asBefore || peer.cut) {
    state.release();
    tl.unlock();
    ol.unlock();
    return;
  }
  const length = peer.outbound.next;
  const sublink = ol.node.newSublinks(1);
  t.beginBypass(null, length);
  peer.outward.beginDecay(length, null);
  t.bridge?.beginDecay(length, null);
  o.bridge?.beginDecay(null, length);
  o.beginBypass(length, null);
  const link = ol.node.bind(sublink, "central", SIDE_A, state, peer.asLinked);
  if (!link) {
    t.acceptDisconnected("outward");
    return;
  }
  ol.sendBypassPeerWithLink(sublink, state, length);
  installOutwardLink(peer, link);
  t.settle(false);
  o.settle(false);
  peer.settle(false);
}

/** B3: everything is on this node; all limits are known at once. Both links are locked. */
function bypassBetweenLocalPeers(f: RouterState, s: RouterState): void {
  const xf = verify(f.localPeer, "a link that can be locked has both its ends");
  const xs = verify(s.localPeer, "a link that can be locked has both its ends");
  assert(xf.outward.isStable && xs.outward.isStable, "a locked link decays at neither end");
  const a = xf.outbound.next;
  const b = xs.outbound.next;
  f.beginBypass(b, a);
  s.beginBypass(a, b);
  xf.outward.beginDecay(a, b);
  xs.outward.beginDecay(b, a);
  f.bridge?.beginDecay(a, b);
  s.bridge?.beginDecay(b, a);
  joinLocally(xf, xs);
  for (const router of [f, s, xf, xs]) router.settle(false);
}
