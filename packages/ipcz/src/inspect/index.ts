/**
 * ipcz/inspect: looks inside, for tests, tools and the curious. Nothing here changes anything.
 *
 * **Unstable.** What is shown is how this implementation works, and may change in any release, a patch too. Of nodes
 * and portals of a native library there is nothing to see: the answer is null.
 */
import type { IpczHandle } from "@ipcz/api";
import {
  inspectRouters,
  liveRouters,
  openHandles,
  openNodes,
  type RouterView,
} from "@ipcz/core/inspect";
import { inspectNode, type NodeInspection } from "./node.ts";

export type {
  BlockUsage,
  ConnectionView,
  EdgeView,
  GraphLink,
  LinkView,
  MemoryUsage,
  RouterView,
} from "@ipcz/core/inspect";
export { inspectNode } from "./node.ts";
export type { DriverCounts, MemorySum, NodeInspection } from "./node.ts";
export { inspectPortal } from "./portal.ts";
export type { PortalInspection } from "./portal.ts";

/** All that one thread of a process has. */
export interface ProcessInspection {
  /** Nodes that are not closed. */
  readonly nodes: readonly NodeInspection[];
  /** Routers, in a graph: portals, what is left of portals that moved, and the links between them. */
  readonly routers: readonly RouterView[];
  /** Routers that exist; one that is not in the graph can be reached from nowhere. */
  readonly routerCount: number;
  /** Handles that are open: nodes, portals, boxes, parcels, and listeners lent to drivers. */
  readonly handleCount: number;
}

/** Everything at this moment. Takes time in proportion to the number of portals. */
export function inspectProcess(): ProcessInspection {
  return {
    nodes: openNodes().flatMap((handle: IpczHandle) => inspectNode(handle) ?? []),
    routers: inspectRouters(),
    routerCount: liveRouters(),
    handleCount: openHandles(),
  };
}
