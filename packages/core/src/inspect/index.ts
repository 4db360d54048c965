/**
 * @ipcz/core/inspect: looks inside, for tests, tools and demonstrations. Nothing here changes anything, and nothing
 * here is promised to stay as it is.
 */
import { processCore } from "../table/table.ts";

export { areLocalPeers, inspectLock, inspectPortal, isDirectRemote } from "./portal.ts";
export type { LinkView, LockView, PortalView } from "./portal.ts";
export { inspectConnections, inspectNode, nodeDriver, nodeName, openNodes } from "./node.ts";
export type { BlockUsage, ConnectionView, MemoryUsage, NodeView } from "./node.ts";
export { inspectRouters } from "./routers.ts";
export type { EdgeView, GraphLink, RouterView } from "./routers.ts";

/** Routers that exist in this process: portals, and what is left of portals that moved. */
export function liveRouters(): number {
  return processCore.world.liveRouters;
}

/** Handles that are open in this process: nodes, portals, boxes, parcels, and the listeners lent to drivers. */
export function openHandles(): number {
  return processCore.handles.count;
}
