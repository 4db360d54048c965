/**
 * The limits that end a bypass arrive: how many parcels will still come over each decaying link (spec: routing 5.4, 5.5;
 * checks: appendix B). A limit is set once (I5); a peer that sets one twice is at fault.
 */
import { assert } from "../base/assert.ts";
import type { SequenceLength } from "../base/sequence.ts";
import type { Verdict } from "../base/verdict.ts";
import type { RemoteRouterLink } from "../links/contract.ts";
import type { DecayingLink } from "./route-edge.ts";
import { type RouterState, stateOf } from "./router-state.ts";

interface Limits {
  readonly to?: SequenceLength;
  readonly from?: SequenceLength;
}

function canLimit(record: DecayingLink, limits: Limits): boolean {
  return (
    (limits.to === undefined || record.to === null) &&
    (limits.from === undefined || record.from === null)
  );
}

function limit(record: DecayingLink, limits: Limits): void {
  assert(canLimit(record, limits), "I5: a limit is set once");
  if (limits.to !== undefined) record.to = limits.to;
  if (limits.from !== undefined) record.from = limits.from;
}

/** Sets all limits, or none when one of them is set already. */
function limitAll(records: readonly (readonly [DecayingLink, Limits])[]): boolean {
  if (!records.every(([record, limits]) => canLimit(record, limits))) return false;
  for (const [record, limits] of records) limit(record, limits);
  return true;
}

/** The router beyond a decaying bridge. */
function bridgePartner(router: RouterState): RouterState | null {
  const link = router.bridge?.decaying?.link;
  return link?.kind === "local" ? stateOf(link.peer) : null;
}

/** X tells this proxy what it will still bring from X (`inbound`) and from Z (`outbound`). */
export function acceptStopProxying(
  router: RouterState,
  link: RemoteRouterLink,
  inbound: SequenceLength,
  outbound: SequenceLength,
): Verdict {
  if (router.cut) return "ignore";
  const outward = router.outward.decaying;
  if (!outward || outward.link !== link) return "reject";
  if (router.bridge) return stopMergedProxying(router, outward, inbound, outbound);
  const inward = router.inward?.decaying;
  if (!inward) return "reject";
  const done = limitAll([
    [inward, { to: inbound, from: outbound }],
    [outward, { to: outbound, from: inbound }],
  ]);
  if (!done) return "reject";
  router.settle(false);
  return "accept";
}

function stopMergedProxying(
  router: RouterState,
  outward: DecayingLink,
  inbound: SequenceLength,
  outbound: SequenceLength,
): Verdict {
  const partner = bridgePartner(router);
  if (!partner) return "reject";
  const bridge = router.bridge?.decaying;
  const partnerBridge = partner.bridge?.decaying;
  const partnerOutward = partner.outward.decaying;
  if (!bridge || !partnerBridge || !partnerOutward) return "accept";
  const done = limitAll([
    [bridge, { to: inbound, from: outbound }],
    [outward, { to: outbound, from: inbound }],
    [partnerBridge, { to: outbound, from: inbound }],
    [partnerOutward, { to: inbound, from: outbound }],
  ]);
  if (!done) return "reject";
  router.settle(false);
  partner.settle(false);
  return "accept";
}

/** X tells Z how many parcels will come through the proxy in all. */
export function acceptProxyWillStop(
  router: RouterState,
  link: RemoteRouterLink,
  inbound: SequenceLength,
): Verdict {
  const outward = router.outward.decaying;
  if (!outward) return router.cut ? "ignore" : "reject";
  // A synchronous transport answers before the new link is installed (spec: routing 5.8).
  const tentative = router.outward.primary === null && link.type === "central";
  if (link !== router.outward.primary && !(tentative && link !== outward.link)) return "reject";
  if (!limitAll([[outward, { from: inbound }]])) return "reject";
  router.settle(false);
  return "accept";
}

/** Z tells this proxy, whose outer peer is on this node, how many parcels it sent here in all. */
export function acceptStopProxyingToLocalPeer(
  router: RouterState,
  link: RemoteRouterLink,
  outbound: SequenceLength,
): Verdict {
  if (router.cut) return "ignore";
  if (router.bridge) return stopMergedProxyingToLocalPeer(router, link, outbound);
  const outward = router.outward.decaying;
  if (!outward?.link) return "reject";
  if (outward.link.kind !== "local") return "reject";
  const peer = stateOf(outward.link.peer);
  const peerOutward = peer?.outward.decaying;
  if (!peer || !peerOutward) return "accept";
  const inward = router.inward?.decaying;
  const mutual = peerOutward.link?.kind === "local" && stateOf(peerOutward.link.peer) === router;
  if (!inward || inward.link !== link || !mutual) return "reject";
  const done = limitAll([
    [peerOutward, { from: outbound }],
    [outward, { to: outbound }],
    [inward, { from: outbound }],
  ]);
  if (!done) return "reject";
  router.settle(false);
  peer.settle(false);
  return "accept";
}

/** As above at a merged router that faces the remote peer; the local one is beyond the bridge (spec: routing 7.3, B2). */
function stopMergedProxyingToLocalPeer(
  router: RouterState,
  link: RemoteRouterLink,
  outbound: SequenceLength,
): Verdict {
  const partner = bridgePartner(router);
  const outward = router.outward.decaying;
  const partnerOutward = partner?.outward.decaying;
  if (!partner || !outward || outward.link !== link || !partnerOutward) return "reject";
  if (partnerOutward.link?.kind !== "local") return "reject";
  const peer = stateOf(partnerOutward.link.peer);
  const peerOutward = peer?.outward.decaying;
  const bridge = router.bridge?.decaying;
  const partnerBridge = partner.bridge?.decaying;
  if (!peer || !peerOutward || !bridge || !partnerBridge) return "reject";
  const done = limitAll([
    [peerOutward, { from: outbound }],
    [partnerOutward, { to: outbound }],
    [partnerBridge, { from: outbound }],
    [bridge, { to: outbound }],
    [outward, { from: outbound }],
  ]);
  if (!done) return "reject";
  router.settle(false);
  peer.settle(false);
  partner.settle(false);
  return "accept";
}
