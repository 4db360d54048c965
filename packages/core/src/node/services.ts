/**
 * What the parts of a node may ask of it. The node implements this; its parts know nothing else of each other.
 */
import type { IpczDriver } from "@ipcz/api";
import type { NetworkEvents } from "../base/network-events.ts";
import type { Turn } from "../base/turn.ts";
import type { DriverMapping } from "../driver/driver-memory.ts";
import type { DriverTransport, ListenerHandles } from "../driver/driver-transport.ts";
import type { NodePeer } from "../links/contract.ts";
import type { NodeLink } from "../links/node-link.ts";
import type { Features } from "../wire/features.ts";
import type { LinkSide, NodeName, NodeType } from "../wire/ids.ts";
import type { Handshakes } from "./connect/handshakes.ts";
import type { Connections } from "./connections.ts";

/** The newest protocol this implementation speaks, and the only one there is. */
export const PROTOCOL_VERSION = 0;

/** A link to be made. */
export interface NewLink {
  /** Taken. Active if a handshake ran over it. */
  readonly transport: DriverTransport;
  /** The primary buffer, initialised by whoever provided it. Taken. */
  readonly mapping: DriverMapping;
  /** This node's side. */
  readonly side: LinkSide;
  readonly remoteName: NodeName;
  readonly remoteType: NodeType;
  /** Feature words as the other node, or a broker for it, announced them. */
  readonly remoteFeatures: readonly bigint[];
  readonly remoteProtocolVersion: number;
  /** The link to the broker of the other node's network; null: this node is its broker. */
  readonly introducer: NodeLink | null;
}

export interface NodeServices {
  readonly driver: IpczDriver;
  readonly listeners: ListenerHandles;
  readonly turn: Turn;
  readonly events: NetworkEvents;
  readonly isBroker: boolean;
  readonly features: Features;
  /** This node's name; NO_NODE while no broker has named it. */
  readonly name: NodeName;
  readonly connections: Connections;
  readonly handshakes: Handshakes;
  /** Makes a connection, which can send but does not receive yet. One to the same name is dropped first. */
  addLink(link: NewLink): NodeLink;
  /** As addLink, for the broker that names this node. A broker it had before is dropped, and with it every link. */
  joinNetwork(name: NodeName, broker: NewLink, toDelegate: boolean): NodeLink;
  /** Who waited for a broker can go on; to be called when the link to it is at work. */
  brokerFound(): void;
  /** Lets a link receive. One that cannot is dropped. */
  startLink(link: NodeLink): void;
  /** Ends a connection, and forgets it. */
  drop(peer: NodePeer): void;
  /** Ends all connections, forgets the name, fails whoever waits for a link or a broker (spec: routing 10.7). */
  reset(): void;
}
