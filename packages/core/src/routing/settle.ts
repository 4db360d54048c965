/**
 * Decides what can move now (spec: routing 2.4, stages 1 and 2): which parcels go over which link, which decaying links
 * are finished, which links are to be given up. It changes the router and calls nobody; the plan is carried out by
 * act.ts when the router is whole again.
 */
import { assert, verify } from "../base/assert.ts";
import type { SequenceLength } from "../base/sequence.ts";
import type { RouterLink } from "../links/contract.ts";
import type { Parcel } from "../parcels/parcel.ts";
import type { SequencedQueue } from "../parcels/sequenced-queue.ts";
import type { RouteEdge } from "./route-edge.ts";
import type { RouterState } from "./router-state.ts";

/** What to do, in the order of the fields. */
export interface Plan {
  /** Parcels to transmit; each goes over the link at the same index. */
  readonly parcels: Parcel[];
  readonly links: RouterLink[];
  /** Links whose decay is finished; to be deactivated. */
  readonly decayed: RouterLink[];
  /** A bridge may be bypassed. */
  tryBridgeBypass: boolean;
  /** The outward link given up; `outwardLength` is announced on it if this router holds the closure lock. */
  deadOutward: RouterLink | null;
  outwardLength: SequenceLength | null;
  /** The inward link given up, after `inboundLength` was announced on it. */
  deadInward: RouterLink | null;
  /** The bridge given up, after `inboundLength` was announced on it. */
  deadBridge: RouterLink | null;
  inboundLength: SequenceLength;
  /** The central link on which this side is stable, now or since long; null: nothing more to do. */
  reducible: RouterLink | null;
}

/** True when no step of a settle could find anything to do: the common case, after a parcel came or went. */
export function isQuiet(router: RouterState): boolean {
  return (
    router.outbound.run === 0 &&
    router.outbound.end === null &&
    router.inbound.end === null &&
    router.outward.decaying === null &&
    router.inward === null &&
    router.bridge === null &&
    !router.peerGone
  );
}

export function decide(router: RouterState, eager: boolean): Plan {
  const { outward, inward, inbound, outbound } = router;
  const outwardLink = outward.primary;
  const hadInwardDecay = inward?.decaying?.link != null;
  const hadOutwardDecay = outward.decaying?.link != null;
  const plan = emptyPlan();

  collect(outbound, outward, plan);
  const outwardDone = finish(outward, outbound.next, inbound.reach, plan);
  let inwardDone = false;
  if (inward) {
    collect(inbound, inward, plan);
    inwardDone = finish(inward, inbound.next, outbound.reach, plan);
  } else if (router.bridge) collect(inbound, router.bridge, plan);
  const bridgeLink = finishBridge(router, plan);

  updatePeerStatus(router);
  const central = outwardLink !== null && outwardLink.type === "central";
  const settledBoth = (!hadInwardDecay || inwardDone) && (!hadOutwardDecay || outwardDone);
  const becameStable = central && settledBoth && (inwardDone || outwardDone);
  if (becameStable) router.markStable(outwardLink);

  plan.tryBridgeBypass =
    bridgeLink !== null &&
    outwardLink !== null &&
    (!hadOutwardDecay || outwardDone) &&
    inward === null;
  giveUpOutward(router, central, plan);
  giveUpInward(router, plan);
  dropUnsent(router);
  if (central && !plan.deadOutward && (becameStable || eager)) plan.reducible = outwardLink;
  return plan;
}

function emptyPlan(): Plan {
  return {
    parcels: [],
    links: [],
    decayed: [],
    tryBridgeBypass: false,
    deadOutward: null,
    outwardLength: null,
    deadInward: null,
    deadBridge: null,
    inboundLength: 0,
    reducible: null,
  };
}

/** Takes parcels from the front of `queue` up to the first that must wait. */
function collect(queue: SequencedQueue<Parcel>, edge: RouteEdge, plan: Plan): void {
  while (queue.run > 0) {
    const link = edge.linkFor(queue.next);
    if (!link) return;
    plan.parcels.push(verify(queue.pop(), "a run has a first element"));
    plan.links.push(link);
  }
}

function finish(edge: RouteEdge, sent: SequenceLength, got: SequenceLength, plan: Plan): boolean {
  const record = edge.decaying;
  const link = edge.finishDecay(sent, got);
  if (!link) return false;
  assert(
    record?.to != null && record.from != null && sent >= record.to && got >= record.from,
    "I13: a decaying link is dropped when both limits are known and reached",
  );
  plan.decayed.push(link);
  return true;
}

/** Ends a bridge whose decay is finished. Returns the bridge's link as it was before. */
function finishBridge(router: RouterState, plan: Plan): RouterLink | null {
  const bridge = router.bridge;
  if (!bridge) return null;
  const link = bridge.primary ?? bridge.decaying?.link ?? null;
  if (finish(bridge, router.inbound.next, router.outbound.next, plan)) router.bridge = null;
  return link;
}

function updatePeerStatus(router: RouterState): void {
  if (!router.peerGone || router.isPeerClosed || router.inbound.isOpen) return;
  router.refreshStatus();
  router.traps.update(router, false);
}

/** I12: a closure starts on a central link, by whoever holds its lock. */
function giveUpOutward(router: RouterState, central: boolean, plan: Plan): void {
  const link = router.outward.primary;
  if (!link) return;
  if (central && router.outbound.isDrained && link.tryLockForClosure()) {
    plan.deadOutward = router.outward.takePrimary();
    plan.outwardLength = router.outbound.end;
  } else if (!router.inbound.isOpen) plan.deadOutward = router.outward.takePrimary();
}

function giveUpInward(router: RouterState, plan: Plan): void {
  const { end, isDrained } = router.inbound;
  if (end === null || !isDrained) return;
  plan.inboundLength = end;
  if (router.inward) plan.deadInward = router.inward.takePrimary();
  else if (router.bridge) {
    plan.deadBridge = router.bridge.primary ?? router.bridge.decaying?.link ?? null;
    router.bridge = null;
    plan.tryBridgeBypass = false;
  }
}

/** What waits for a link that will never come would keep its attachments from being closed. */
function dropUnsent(router: RouterState): void {
  const { outward, outbound } = router;
  if (!router.peerGone || outbound.run === 0 || outward.links.length > 0) return;
  const unsent: Parcel[] = [];
  for (let parcel = outbound.pop(); parcel; parcel = outbound.pop()) unsent.push(parcel);
  router.disposeParcels(unsent);
}
