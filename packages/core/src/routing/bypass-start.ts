/**
 * A proxy on the central link takes itself out of the route (spec: routing 5.2, 5.5).
 *
 *     X ===central=== Y ---peripheral--- Z      X outer peer, Y this proxy, Z inner peer
 *
 * Holding the lock of the central link, Y asks Z to contact X. When X lives on this node, Y hands Z a link to it.
 */
import type { LocalRouterLink, RemoteRouterLink } from "../links/contract.ts";
import type { LinkStateHold } from "../memory/link-state-hold.ts";
import { SIDE_A } from "../wire/ids.ts";
import { installOutwardLink } from "./install.ts";
import { type RouterState, stateOf } from "./router-state.ts";

/** True when a bypass has begun, or waits for memory only. */
export function bypassSelf(router: RouterState): boolean {
  const inner = router.inward?.primary;
  const outer = router.outward.primary;
  if (inner?.kind !== "remote" || !outer || !router.hasStableEdges) return false;
  if (!outer.tryLockForBypass(inner.node.remoteName)) return false;
  if (outer.kind === "local") {
    bypassToLocalPeer(router, inner, outer);
    return true;
  }
  router.inward?.beginDecay(null, null);
  router.beginBypass(null, null);
  inner.sendBypassPeer(outer.node.remoteName, outer.sublink);
  return true;
}

/** Needs a link state in the memory shared with Z's node; waits for it if there is none now. */
function bypassToLocalPeer(
  router: RouterState,
  inner: RemoteRouterLink,
  outer: LocalRouterLink,
): void {
  const memory = inner.node.memory;
  const state = memory.tryAllocateLinkState();
  if (state) {
    replaceLocalPeer(router, inner, outer, state);
    return;
  }
  router.retain();
  memory.whenLinkState((later) => {
    if (later) replaceLocalPeer(router, inner, outer, later);
    else giveUp(outer);
    router.release();
  });
}

/** The lock is released and the far end woken: it may have failed its own lock without a trace (spec: routing 4.6). */
export function giveUp(locked: LocalRouterLink): void {
  locked.unlock();
  locked.flushOtherSide();
}

/** Joins X and Z by a new link; X's and Y's old links decay up to what X has sent. Takes `state`. */
function replaceLocalPeer(
  proxy: RouterState,
  inner: RemoteRouterLink,
  outer: LocalRouterLink,
  state: LinkStateHold,
): void {
  const peer = stateOf(outer.peer);
  const inward = proxy.inward;
  const asBefore =
    peer !== null &&
    inward?.primary === inner &&
    proxy.outward.primary === outer &&
    outer.isLocked &&
    peer.localPeer === proxy &&
    proxy.hasStableEdges &&
    peer.outward.isStable;
  if (!asBefore || peer.cut || proxy.cut) {
    state.release();
    outer.unlock();
    return;
  }
  const length = peer.outbound.next;
  const sublink = inner.node.newSublinks(1);
  proxy.beginBypass(null, length);
  peer.outward.beginDecay(length, null);
  inward.beginDecay(length, null);
  const link = inner.node.bind(sublink, "central", SIDE_A, state, peer.asLinked);
  if (!link) {
    proxy.acceptDisconnected("outward");
    return;
  }
  inner.sendBypassPeerWithLink(sublink, state, length);
  installOutwardLink(peer, link);
}
