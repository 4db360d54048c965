/**
 * A parcel arrives at a router: it is queued for the portal, or to be forwarded (spec: routing 2.2).
 */
import { isOutward, type LinkType } from "../links/link-type.ts";
import type { Parcel } from "../parcels/parcel.ts";
import type { RouterState } from "./router-state.ts";

/** Takes `parcel`. One that does not fit (late, twice, past the end) is closed; that is no fault of the peer. */
export function acceptParcel(router: RouterState, from: LinkType, parcel: Parcel): void {
  if (isOutward(from)) acceptInbound(router, parcel);
  else if (!router.outbound.push(parcel.sequenceNumber, parcel)) router.disposeParcels([parcel]);
  router.settle(false);
}

function acceptInbound(router: RouterState, parcel: Parcel): void {
  if (!router.inbound.push(parcel.sequenceNumber, parcel)) {
    router.disposeParcels([parcel]);
    return;
  }
  if (!router.isTerminal) return;
  if (router.closed) discardReadable(router);
  else if (parcel.sequenceNumber < router.inbound.reach) router.traps.update(router, true);
}

/** The parcel at the head of the portal's queue, taken out; undefined: none can be read. */
export function takeParcel(router: RouterState): Parcel | undefined {
  const parcel = router.inbound.pop();
  if (!parcel) return undefined;
  router.refreshStatus();
  router.traps.update(router, false);
  return parcel;
}

/** Closes what a closed portal would have read; positions are unaffected (spec: routing 2.1). */
export function discardReadable(router: RouterState): void {
  const unread: Parcel[] = [];
  for (let parcel = router.inbound.pop(); parcel; parcel = router.inbound.pop())
    unread.push(parcel);
  router.disposeParcels(unread);
  router.refreshStatus();
}
