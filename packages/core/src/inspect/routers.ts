/**
 * All routers of this process as a graph: portals, what is left of portals that moved, and the links between them.
 *
 * It is found from the handles that are open and from the connections of the nodes that are; a router that nobody can
 * reach from there does not show.
 */
import type { IpczHandle } from "@ipcz/api";
import { Node } from "../node/node.ts";
import type { RouteEdge } from "../routing/route-edge.ts";
import { RouterState, stateOf } from "../routing/router-state.ts";
import { processCore } from "../table/table.ts";
import { type LinkView, linkView } from "./portal.ts";

/** A link, and where it leads to if that is in this process. */
export interface GraphLink extends LinkView {
  /** The index of the router at the other end of a local link. */
  readonly router: number | null;
}

/** The links in one direction. */
export interface EdgeView {
  readonly primary: GraphLink | null;
  readonly decaying: GraphLink | null;
}

/** One router. */
export interface RouterView {
  /** Its place in the list. */
  readonly index: number;
  /** The handle of the portal in front of it; null: none, or it is inside a parcel. */
  readonly portal: IpczHandle | null;
  /** `terminal`: the end of a route; `proxy`: its portal moved away; `bridge`: one of two merged ends. */
  readonly role: "terminal" | "proxy" | "bridge";
  /** Toward the other end of the route. */
  readonly outward: EdgeView;
  /** Of a proxy: toward where its portal went. */
  readonly inward: EdgeView | null;
  /** Of a merged end: toward the other one. */
  readonly bridge: EdgeView | null;
  /** Parcels that have arrived and wait here. */
  readonly inboundParcels: number;
  readonly inboundBytes: number;
  /** Parcels that cannot leave yet. */
  readonly outboundParcels: number;
  /** The other end is known to be closed or lost. */
  readonly isPeerGone: boolean;
}

/** Every router that handles or connections lead to, in no particular order. A picture of this moment. */
export function inspectRouters(): readonly RouterView[] {
  const portals = new Map<RouterState, IpczHandle>();
  const found = new Map<RouterState, number>();
  for (const [handle, object] of processCore.handles.entries()) {
    if (object instanceof RouterState) {
      portals.set(object, handle);
      found.set(object, found.size);
    } else if (object instanceof Node) addBound(object, found);
  }
  // A map shows what is added while it is walked: local links lead to all the others.
  for (const router of found.keys())
    for (const edge of [router.outward, router.inward, router.bridge])
      for (const link of edge?.links ?? [])
        if (link.kind === "local") addRouter(stateOf(link.peer), found);
  return [...found].map(([router, index]) => routerView(router, index, portals, found));
}

function addBound(node: Node, found: Map<RouterState, number>): void {
  for (const connection of node.links)
    for (const link of connection.boundLinks) addRouter(stateOf(link.router), found);
}

function addRouter(router: RouterState | null, found: Map<RouterState, number>): void {
  if (router && !found.has(router)) found.set(router, found.size);
}

function routerView(
  router: RouterState,
  index: number,
  portals: ReadonlyMap<RouterState, IpczHandle>,
  found: ReadonlyMap<RouterState, number>,
): RouterView {
  const { outward, inward, bridge } = router;
  return {
    index,
    portal: portals.get(router) ?? null,
    role: inward ? "proxy" : bridge ? "bridge" : "terminal",
    outward: edgeView(outward, found),
    inward: inward && edgeView(inward, found),
    bridge: bridge && edgeView(bridge, found),
    inboundParcels: router.localParcels,
    inboundBytes: router.localBytes,
    outboundParcels: router.outbound.run,
    isPeerGone: router.peerGone,
  };
}

function edgeView(edge: RouteEdge, found: ReadonlyMap<RouterState, number>): EdgeView {
  const { primary, decaying } = edge;
  return {
    primary: primary ? graphLink(primary, found) : null,
    decaying: decaying?.link ? graphLink(decaying.link, found) : null,
  };
}

function graphLink(
  link: NonNullable<RouteEdge["primary"]>,
  found: ReadonlyMap<RouterState, number>,
): GraphLink {
  const peer = link.kind === "local" ? stateOf(link.peer) : null;
  return { ...linkView(link), router: peer && found.get(peer)! };
}
