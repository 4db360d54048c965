/**
 * A proxy on the central link takes itself out of the route (spec: routing 5.2, 5.5).
 *
 *     X ===central=== Y ---peripheral--- Z      X outer peer, Y this proxy, Z inner peer
 *
 * Holding the lock of the central link, Y asks Z to contact X. When X lives on this node, Y hands Z a link to it.
 */
import type { LocalRouterLink, RemoteRouterLink, RouterLink } from "../links/contract.ts";
import type { LinkMemory } from "../memory/link-memory.ts";
import type { LinkStateHold } from "../memory/link-state-hold.ts";
import { SIDE_A } from "../wire/ids.ts";
import { installOutwardLink } from "./install.ts";
import { type RouterState, stateOf } from "./router-state.ts";

/** True when a bypass has begun, or waits for memory only. */
export function bypassSelf(router: RouterState): boolean {
  const inner = router.inward?.primary;
  const outer = router.outward.primary;
  if (inner?.kind !== "remote" || !outer || !router.hasStableEdges) return false;
  if (outer.kind === "local") return bypassToLocalPeer(router, inner, outer);
  if (!outer.tryLockForBypass(inner.node.remoteName)) return false;
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
): boolean {
  const { memory, remoteName } = inner.node;
  const spare = spareLinkState(router, memory);
  if (router.memoryRefused && !spare) return false;
  if (!outer.tryLockForBypass(remoteName)) {
    spare?.release();
    return false;
  }
  const state = spare ?? memory.tryAllocateLinkState();
  if (state) {
    replaceLocalPeer(router, inner, outer, state);
    return true;
  }
  router.retain();
  memory.whenLinkState((later) => {
    if (later) replaceLocalPeer(router, inner, outer, later);
    else giveUp(router, outer);
    router.release();
  });
  return true;
}

/**
 * Where waiting for memory was in vain once, a router locks nothing before it has its link state in hand. Two
 * neighbours, each woken when the other gives up, would otherwise lock and give up in turn without end.
 */
export function spareLinkState(router: RouterState, memory: LinkMemory): LinkStateHold | null {
  return router.memoryRefused ? memory.tryAllocateLinkState() : null;
}

/** The lock is released and the far end woken: it may have failed its own lock without a trace (spec: routing 4.6). */
export function giveUp(router: RouterState, ...locked: readonly RouterLink[]): void {
  router.memoryRefused = true;
  for (const link of locked) link.unlock();
  for (const link of locked) link.flushOtherSide();
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
