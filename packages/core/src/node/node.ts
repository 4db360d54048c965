/**
 * A node: its name, its connections, and their end.
 *
 * It puts the parts of this layer together and is the directory in which links look up others. What follows from the
 * loss of a connection is here, because it concerns all parts: routers, introductions, referrals, memory.
 */
import type { IpczDriver, IpczDriverHandle, IpczResult } from "@ipcz/api";
import { verify } from "../base/assert.ts";
import type { NetworkEvents } from "../base/network-events.ts";
import type { Turn } from "../base/turn.ts";
import { DriverObject } from "../driver/driver-object.ts";
import type { ListenerHandles } from "../driver/driver-transport.ts";
import type { LinkDirectory, NodePeer } from "../links/contract.ts";
import { NodeLink } from "../links/node-link.ts";
import { LinkMemory } from "../memory/link-memory.ts";
import { Arrivals } from "../routing/arrive.ts";
import type { Router } from "../routing/router.ts";
import type { RouterWorld } from "../routing/router-state.ts";
import { commonFeatures, type Features, featuresFromWords } from "../wire/features.ts";
import { NO_NODE, NODE_TYPE_BROKER, type NodeName } from "../wire/ids.ts";
import { AddBlockBuffer } from "../wire/messages/memory.ts";
import { connect } from "./connect/connect.ts";
import { Handshakes } from "./connect/handshakes.ts";
import { InitialPortals } from "./connect/initial-portals.ts";
import { Referrals } from "./connect/referrer.ts";
import { Connections } from "./connections.ts";
import { Inbox } from "./inbox.ts";
import { Introducer } from "./introduce.ts";
import { Introductions } from "./introductions.ts";
import { NodeMemory } from "./memory-source.ts";
import { newNodeName } from "./node-name.ts";
import { Relay } from "./relay.ts";
import { type NewLink, type NodeServices, PROTOCOL_VERSION } from "./services.ts";

export interface NodeOptions {
  /** Kept: it must work as long as the node and everything made from it. */
  readonly driver: IpczDriver;
  readonly isBroker: boolean;
  /** The feature MEM_V2 is switched on; in force on links to nodes that have it too. */
  readonly memV2: boolean;
  /** Links never grow their memory for parcels at this node's wish. */
  readonly fixedCapacity: boolean;
  /** What the node's routers share with others of the same table. */
  readonly world: RouterWorld;
  /** Where the handles come from that are lent to the driver. */
  readonly listeners: ListenerHandles;
  /** Milliseconds from any origin. */
  readonly clock: () => number;
}

export class Node implements NodeServices, LinkDirectory {
  readonly kind = "node";
  readonly driver: IpczDriver;
  readonly listeners: ListenerHandles;
  readonly turn: Turn;
  readonly events: NetworkEvents;
  readonly isBroker: boolean;
  readonly features: Features;
  readonly connections: Connections;
  readonly handshakes: Handshakes;
  private readonly options: NodeOptions;
  private readonly arrivals: Arrivals;
  /** Where the memory of this node's links comes from. */
  readonly memory: NodeMemory;
  private readonly referrals: Referrals;
  private readonly introductions: Introductions;
  private readonly introducer: Introducer;
  private readonly relays: Relay;
  private readonly inbox: Inbox;
  private assignedName: NodeName = NO_NODE;
  private closed = false;

  /** A broker names itself; any other node has no name until a broker gives it one. */
  constructor(options: NodeOptions) {
    this.options = options;
    this.driver = options.driver;
    this.listeners = options.listeners;
    this.turn = options.world.turn;
    this.events = options.world.events;
    this.isBroker = options.isBroker;
    this.features = { memV2: options.memV2 };
    this.connections = new Connections(options.isBroker);
    this.handshakes = new Handshakes(options.driver, this.turn);
    this.arrivals = new Arrivals(options.world);
    this.memory = new NodeMemory(options.driver);
    this.referrals = new Referrals(this);
    this.introductions = new Introductions(this);
    this.introducer = new Introducer(this, this.introductions);
    this.relays = new Relay(this.connections);
    this.inbox = new Inbox({
      services: this,
      referrals: this.referrals,
      introductions: this.introductions,
      introducer: this.introducer,
      memory: this.memory,
      relay: this.relays,
    });
    if (options.isBroker)
      this.assignedName = verify(newNodeName(options.driver), "a driver has random bytes");
  }

  get name(): NodeName {
    return this.assignedName;
  }

  /** The links to all connected nodes. */
  get links(): readonly NodeLink[] {
    return this.connections.links;
  }

  /** Handshakes, referrals and introductions without an outcome. */
  get pendingCount(): number {
    return this.handshakes.count + this.referrals.count + this.introductions.count;
  }

  /**
   * Connects to the node at the other end of `transport`, which is taken whatever the result (spec: api 2.3.3, rows 4
   * to 7). `portals` stay the caller's: they get their links when the handshake is done, and see their peer closed
   * when it fails, or when the result is not OK.
   */
  connect(transport: IpczDriverHandle, portals: readonly Router[], flags: number): IpczResult {
    const object = new DriverObject(this.driver, transport);
    return connect(this, this.referrals, object, new InitialPortals(portals), flags);
  }

  /** Ends all connections and whatever waits for one. Portals are not closed: their routes are cut. */
  close(): void {
    if (this.closed) return;
    this.closed = true;
    this.reset();
    this.handshakes.cancelAll();
  }

  find(name: NodeName): NodePeer | null {
    return this.connections.find(name)?.link ?? null;
  }

  establish(name: NodeName, done: (peer: NodePeer | null) => void): void {
    this.introductions.establish(name, null, done);
  }

  relay(destination: NodeName, message: Uint8Array, objects: readonly DriverObject[]): void {
    this.relays.send(destination, message, objects);
  }

  addLink(wanted: NewLink): NodeLink {
    const old = this.connections.find(wanted.remoteName);
    if (old) this.drop(old.link);
    const remoteFeatures = featuresFromWords(wanted.remoteFeatures);
    const link = this.makeLink(wanted, remoteFeatures);
    this.connections.add({
      link,
      introducer: wanted.remoteType === NODE_TYPE_BROKER ? link : wanted.introducer,
      features: remoteFeatures,
      protocolVersion: Math.min(wanted.remoteProtocolVersion, PROTOCOL_VERSION),
    });
    const isBroker = wanted.remoteType === NODE_TYPE_BROKER;
    const introduced = wanted.introducer !== null && !isBroker;
    this.events.observer?.connected(this.name, wanted.remoteName, isBroker, introduced);
    // The old link's end may have led to the node's.
    if (this.closed) this.drop(link);
    return link;
  }

  joinNetwork(name: NodeName, broker: NewLink, toDelegate: boolean): NodeLink {
    const old = this.connections.brokerLink;
    if (old) this.drop(old);
    this.assignedName = name;
    const link = this.addLink(broker);
    if (link.isDead) return link;
    this.connections.setBroker(link);
    if (toDelegate) this.memory.setDelegate(link);
    return link;
  }

  brokerFound(): void {
    this.referrals.brokerFound();
  }

  startLink(link: NodeLink): void {
    if (!link.isDead && link.start() !== 0) this.drop(link);
  }

  drop(peer: NodePeer): void {
    const connection = this.connections.of(peer);
    if (!connection) return;
    const { link } = connection;
    const wasBroker = link === this.connections.brokerLink;
    this.connections.remove(link);
    this.endLink(link);
    if (wasBroker) this.reset();
  }

  reset(): void {
    const links = this.connections.takeAll();
    if (!this.isBroker) this.assignedName = NO_NODE;
    for (const link of links) this.endLink(link);
    this.referrals.failWaiting();
  }

  /** For a link that is no connection any more. */
  private endLink(link: NodeLink): void {
    this.events.observer?.disconnected(link.localName, link.remoteName);
    this.memory.linkLost(link);
    link.deactivate();
    this.handshakes.linkLost(link);
    this.referrals.linkLost(link);
    this.introductions.linkLost(link);
    this.introducer.linkLost(link);
  }

  private makeLink(wanted: NewLink, remoteFeatures: Features): NodeLink {
    const { memV2 } = commonFeatures(this.features, remoteFeatures);
    const memory = new LinkMemory({
      side: wanted.side,
      memV2,
      fixedCapacity: this.options.fixedCapacity,
      primary: wanted.mapping,
      source: this.memory,
      announce: (id, blockSize, buffer) => {
        link.send(AddBlockBuffer, { id, blockSize, buffer: 0 }, [buffer.release()]);
      },
    });
    const link = new NodeLink({
      driver: this.driver,
      transport: wanted.transport,
      localName: this.name,
      remoteName: wanted.remoteName,
      remoteType: wanted.remoteType,
      side: wanted.side,
      memory,
      directory: this,
      inbox: this.inbox,
      arrivals: this.arrivals,
      turn: this.turn,
      events: this.events,
      clock: this.options.clock,
    });
    return link;
  }
}
