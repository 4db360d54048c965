/**
 * Who a node is connected to: links by node name, its broker, and the brokers of other networks (spec: routing 10.1).
 *
 * This is the table only: it says who is connected, and changes nothing at the links.
 */
import { assert } from "../base/assert.ts";
import type { NodePeer } from "../links/contract.ts";
import type { NodeLink } from "../links/node-link.ts";
import type { Features } from "../wire/features.ts";
import { NODE_TYPE_BROKER, type NodeName } from "../wire/ids.ts";

/** A link, and what is known of the node at its other end. */
export interface Connection {
  readonly link: NodeLink;
  /**
   * The link to the broker of the other node's network. Null: this node is its broker. The link itself when the other
   * node is a broker.
   */
  readonly introducer: NodeLink | null;
  /** What the other node can do; the link has what both can do. */
  readonly features: Features;
  /** The newest protocol that both this node and the other one speak. */
  readonly protocolVersion: number;
}

export class Connections {
  private readonly byName = new Map<NodeName, Connection>();
  private readonly brokers = new Set<NodeLink>();
  private readonly isBroker: boolean;
  private ownBroker: NodeLink | null = null;

  constructor(isBroker: boolean) {
    this.isBroker = isBroker;
  }

  /** The link to the broker that named this node; always null on a broker. */
  get brokerLink(): NodeLink | null {
    return this.ownBroker;
  }

  /** Who can be asked for an introduction: the own broker, or on a broker those of other networks. */
  get introducers(): readonly NodeLink[] {
    if (this.isBroker) return [...this.brokers];
    return this.ownBroker ? [this.ownBroker] : [];
  }

  get links(): readonly NodeLink[] {
    return [...this.byName.values()].map((connection) => connection.link);
  }

  find(name: NodeName): Connection | null {
    return this.byName.get(name) ?? null;
  }

  /** The connection that `peer` is the link of; null when it was replaced or lost. */
  of(peer: NodePeer): Connection | null {
    const connection = this.byName.get(peer.remoteName);
    return connection?.link === peer ? connection : null;
  }

  /** Only for a name that is not connected. */
  add(connection: Connection): void {
    const { link } = connection;
    assert(!this.byName.has(link.remoteName), "a node has one connection to each name");
    this.byName.set(link.remoteName, connection);
    if (this.isBroker && link.remoteType === NODE_TYPE_BROKER) this.brokers.add(link);
  }

  /** `link`, a connection of this normal node, leads to its broker. */
  setBroker(link: NodeLink): void {
    assert(
      !this.isBroker && this.ownBroker === null,
      "only a normal node has a broker, and only one",
    );
    this.ownBroker = link;
  }

  /** Only for the link of a connection. */
  remove(link: NodeLink): void {
    assert(this.of(link) !== null, "only a connection can be lost");
    this.byName.delete(link.remoteName);
    this.brokers.delete(link);
    if (this.ownBroker === link) this.ownBroker = null;
  }

  /** Empties the table; the links are the caller's to end. */
  takeAll(): readonly NodeLink[] {
    const links = this.links;
    this.byName.clear();
    this.brokers.clear();
    this.ownBroker = null;
    return links;
  }
}
