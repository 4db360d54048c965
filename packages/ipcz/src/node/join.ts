/**
 * Joining a network in one call: a node of one's own, connected to one that listens.
 */
import { handled } from "../objects/abort.ts";
import type { ConnectPathOptions } from "./connect-path.ts";
import type { Connection } from "./connection.ts";
import { Node, type NodeOptions } from "./node.ts";

/** How to join. */
export interface ConnectNodeOptions extends ConnectPathOptions, Omit<NodeOptions, "broker"> {}

/** A connection, and the node that was made for it. */
export interface NodeConnection extends Connection {
  /** A node of the network joined; no broker itself. */
  readonly node: Node;
}

/**
 * Makes a node, and connects it to the one that listens at `path`; see {@link Node.connect}.
 *
 *     const { node, portal } = await connect("/run/user/1000/mine.sock");
 */
export function connect(path: string, options: ConnectNodeOptions = {}): Promise<NodeConnection> {
  return handled(join(path, options));
}

async function join(path: string, options: ConnectNodeOptions): Promise<NodeConnection> {
  const node = new Node({ ...options, broker: false });
  try {
    return { ...(await node.connect(path, options)), node };
  } catch (error) {
    node.close();
    throw error;
  }
}
