/**
 * A portal: where its route leads first, and whether that is all of the route.
 */
import type { IpczHandle } from "@ipcz/api";
import { inspectPortal as inspectCorePortal, type LinkView } from "@ipcz/core/inspect";
import type { PortalBase } from "../objects/portal-base.ts";
import type { PortalPort } from "../port/portal-port.ts";

/** The route of a portal, as far as its own end knows. */
export interface PortalInspection {
  /**
   * Whether the peer is one link away and nothing of an earlier route is left: parcels go through no other process. A
   * route that became longer (the portal or its peer was sent on) is direct again soon after.
   */
  readonly isDirect: boolean;
  /** The node at the other end of the first link, 32 hex digits; null: this node, or no link yet. */
  readonly remoteNode: string | null;
  /** The link that parcels go over; null: there is none yet, or no more. */
  readonly outward: LinkView | null;
  /** A link of an earlier route, until the last parcel has passed it. */
  readonly decaying: LinkView | null;
}

/** What a portal's route looks like now; null when it has ended here, or is not of this implementation. */
export function inspectPortal(
  portal: PortalBase | PortalPort | IpczHandle,
): PortalInspection | null {
  const handle = handleOf(portal);
  const view = handle === null ? null : inspectCorePortal(handle);
  if (!view) return null;
  const { outward, decaying, isDirectLocal, isDirectRemote } = view;
  return {
    isDirect: isDirectLocal || isDirectRemote,
    remoteNode: outward?.remoteNode ?? null,
    outward,
    decaying,
  };
}

function handleOf(portal: PortalBase | PortalPort | IpczHandle): IpczHandle | null {
  if (typeof portal === "number") return portal;
  // A portal object that has ended has no handle to give.
  return "ended" in portal && portal.ended !== null ? null : portal.handle;
}
