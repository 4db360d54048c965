/**
 * A node from outside: what it is busy with, whom it is connected to, and the memory it shares with them.
 */
import type { IpczDriver, IpczHandle } from "@ipcz/api";
import type { BlockUsage } from "../memory/block-pool.ts";
import type { MemoryUsage } from "../memory/buffer-pool.ts";
import { processCore } from "../table/table.ts";
import { NO_NODE, NODE_TYPE_BROKER } from "../wire/ids.ts";

export type { BlockUsage, MemoryUsage };

/** A node, and what it is busy with. */
export interface NodeView {
  /** The name its broker gave it, as 32 hex digits; null: none yet. */
  readonly name: string | null;
  readonly isBroker: boolean;
  /** Connections to other nodes. */
  readonly links: number;
  /** Routers bound to them, counted once for each link they have. */
  readonly sublinks: number;
  /** Handshakes, referrals and introductions without an outcome. */
  readonly pending: number;
}

/** One connection of a node. */
export interface ConnectionView {
  /** 32 hex digits. */
  readonly remoteNode: string;
  readonly remoteIsBroker: boolean;
  /** It leads to the broker that named this node. */
  readonly isOwnBroker: boolean;
  /** Routers bound to it. */
  readonly sublinks: number;
  /** Bytes that wait to be sent; 0 when the driver cannot tell. */
  readonly backlogBytes: number;
  /** What the two nodes share. Both of them use it, and either can make it look as it likes. */
  readonly memory: MemoryUsage;
}

/** Counts what a node is busy with; null: not a node of this process. */
export function inspectNode(node: IpczHandle): NodeView | null {
  const found = processCore.node(node);
  if (!found) return null;
  let sublinks = 0;
  for (const link of found.links) sublinks += link.sublinkCount;
  return {
    name: nodeName(node),
    isBroker: found.isBroker,
    links: found.links.length,
    sublinks,
    pending: found.pendingCount,
  };
}

/** The handles of all nodes of this process. */
export function openNodes(): readonly IpczHandle[] {
  return processCore.handles
    .entries()
    .flatMap(([handle]) => (processCore.node(handle) ? [handle] : []));
}

/** The driver a node was made with; null: not a node of this process. */
export function nodeDriver(node: IpczHandle): IpczDriver | null {
  return processCore.node(node)?.driver ?? null;
}

/** The connections of a node, the oldest first; null: not a node of this process. */
export function inspectConnections(node: IpczHandle): readonly ConnectionView[] | null {
  const found = processCore.node(node);
  if (!found) return null;
  return found.links.map((link) => ({
    remoteNode: link.remoteName,
    remoteIsBroker: link.remoteType === NODE_TYPE_BROKER,
    isOwnBroker: link === found.connections.brokerLink,
    sublinks: link.sublinkCount,
    backlogBytes: link.backlogBytes,
    memory: link.memory.usage,
  }));
}

/** The name its broker gave a node, as 32 hex digits; null: no node, or no name yet. */
export function nodeName(node: IpczHandle): string | null {
  const name = processCore.node(node)?.name ?? NO_NODE;
  return name === NO_NODE ? null : name;
}
