/**
 * Joining the node that started this process; its counterpart is `launch.ts`.
 */
import process from "node:process";
import type { IpczDriverHandle } from "@ipcz/api";
import { IpczError } from "../errors/ipcz-error.ts";
import type { Portal } from "../objects/objects.ts";
import type { PeerRole } from "./connect-options.ts";
import { PEER_VARIABLE, PORTALS_VARIABLE } from "./launch.ts";
import { Node, type NodeOptions } from "./node.ts";

/** How to join. */
export interface JoinOptions extends Omit<NodeOptions, "broker"> {
  /** Portals to the parent; as many as it opened by default. */
  readonly portals?: number;
}

/** This process's node, and what it was connected with. */
export interface Joined {
  /** A node of the parent's network; no broker itself. */
  readonly node: Node;
  /** The portals that lead to the parent. */
  readonly portals: readonly Portal[];
  /** The first of them. */
  readonly portal: Portal;
}

/**
 * Makes a node and connects it to the one that started this process, with `spawn` or `fork`. Once in a process; throws
 * `ERR_IPCZ_NO_PARENT` when there is nothing to join. The portals work at once; `node.whenConnected(portal)` tells when
 * both nodes have agreed.
 */
export function connectToParent({ portals, ...options }: JoinOptions = {}): Joined {
  const node = new Node({ ...options, broker: false });
  try {
    const transport = inherited(node);
    const count = portals ?? Number(process.env[PORTALS_VARIABLE] ?? 1);
    const opened = node.connectTransport(transport, { portals: count, peer: parentRole() });
    // What this process starts is told anew.
    delete process.env[PEER_VARIABLE];
    delete process.env[PORTALS_VARIABLE];
    const [portal] = opened;
    if (!portal) throw new IpczError("ERR_IPCZ_NO_PARENT", "the parent opened no portal");
    return { node, portals: opened, portal };
  } catch (error) {
    node.close();
    throw error;
  }
}

function inherited({ driver }: Node): IpczDriverHandle {
  if (!driver.inheritedTransport)
    throw new IpczError("ERR_IPCZ_UNSUPPORTED", "this driver cannot join a parent process");
  try {
    return driver.inheritedTransport();
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new IpczError("ERR_IPCZ_NO_PARENT", `this process has no parent to join: ${why}`, {
      cause,
    });
  }
}

function parentRole(): PeerRole {
  return process.env[PEER_VARIABLE] === "sponsor" ? "sponsor" : "broker";
}
