/**
 * The two ways a route ends: closed on purpose, when everything put before is still delivered; or cut off, when a hop
 * was lost and delivery stops at what has arrived without a gap (spec: routing 6).
 */
import { assert } from "../base/assert.ts";
import type { SequenceLength } from "../base/sequence.ts";
import type { Verdict } from "../base/verdict.ts";
import type { RemoteRouterLink } from "../links/contract.ts";
import { isOutward, type LinkType } from "../links/link-type.ts";
import type { Parcel } from "../parcels/parcel.ts";
import type { SequencedQueue } from "../parcels/sequenced-queue.ts";
import { discardReadable } from "./inbound.ts";
import type { RouterState } from "./router-state.ts";

/** The application closes the portal. What is queued still travels; the closure follows it (spec: routing 6.1). */
export function closePortal(router: RouterState): void {
  assert(router.isTerminal, "only a terminal router has a portal to close");
  router.closed = true;
  router.world.events.observer?.closure("closed");
  router.outbound.setEnd(router.outbound.reach);
  router.traps.removeAll();
  router.transactions.abortAll();
  discardReadable(router);
  router.settle(false);
}

/** The half of the route behind a link of type `from` is closed after `length` parcels (spec: routing 6.2). */
export function acceptRouteClosed(
  router: RouterState,
  from: LinkType,
  length: SequenceLength,
): Verdict {
  if (from === "bridge") return acceptClosureOfBridge(router, length);
  const queue = isOutward(from) ? router.inbound : router.outbound;
  if (!queue.setEnd(length)) return isKnownEnd(queue, length) ? "accept" : "reject";
  if (isOutward(from) && router.isTerminal) notePeerGone(router, "peer-closed");
  router.settle(false);
  return "accept";
}

function acceptClosureOfBridge(router: RouterState, length: SequenceLength): Verdict {
  if (!router.outbound.setEnd(length)) return "ignore";
  const links = router.bridge?.takeAll() ?? [];
  router.bridge = null;
  for (const link of links) link.deactivate();
  router.settle(false);
  return "accept";
}

/** A closure told twice, or after the route was cut short, changes nothing; a shorter one contradicts the first. */
function isKnownEnd(queue: SequencedQueue<Parcel>, length: SequenceLength): boolean {
  return queue.end !== null && queue.end <= length;
}

/** The half of the route behind a link of type `from` is lost (spec: routing 6.3). Safe to repeat. */
export function acceptDisconnected(router: RouterState, from: LinkType): void {
  router.cut = true;
  router.disposeParcels(from === "inward" ? router.outbound.forceEnd() : router.inbound.forceEnd());
  const second = router.inward ?? router.bridge;
  const links = [...router.outward.takeAll(), ...(second?.takeAll() ?? [])];
  if (router.isTerminal) notePeerGone(router, "lost");
  for (const link of links) {
    link.sendRouteDisconnected();
    link.deactivate();
  }
  router.settle(false);
}

/** `link` died with its connection; nothing can be said on it any more (spec: routing 6.4). */
export function acceptLinkLost(router: RouterState, link: RemoteRouterLink): void {
  for (const edge of [router.outward, router.inward, router.bridge]) if (edge?.remove(link)) break;
  router.retain();
  link.deactivate();
  acceptDisconnected(router, isOutward(link.type) ? "outward" : "inward");
  router.release();
}

function notePeerGone(router: RouterState, how: "peer-closed" | "lost"): void {
  if (!router.peerGone && !router.closed) router.world.events.observer?.closure(how);
  router.peerGone = true;
  if (router.closed) discardReadable(router);
  if (router.inbound.isDrained) router.refreshStatus();
  router.traps.update(router, false);
}
