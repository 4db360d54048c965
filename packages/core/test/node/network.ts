/**
 * Nodes over one in-process driver world, for tests of the node layer: their portals, the messages that passed, and
 * whether anything was left over.
 */
import assert from "node:assert/strict";
import {
  type IpczDriverHandle,
  type IpczHandle,
  IPCZ_CONNECT_NODE_INHERIT_BROKER,
  IPCZ_CONNECT_NODE_SHARE_BROKER,
  IPCZ_CONNECT_NODE_TO_BROKER,
  type IpczResult,
  IPCZ_TRANSPORT_ACTIVITY_DEACTIVATED,
} from "@ipcz/api";
import {
  type MemDriver,
  type MemNodeType,
  type MemWorld,
  memWorld,
  type MemWorldOptions,
} from "@ipcz/driver-mem";
import { Turn } from "../../src/base/turn.ts";
import { DriverMemory } from "../../src/driver/driver-memory.ts";
import { DriverObject } from "../../src/driver/driver-object.ts";
import type { ListenerHandles } from "../../src/driver/driver-transport.ts";
import { Node, type NodeOptions } from "../../src/node/node.ts";
import { PRIMARY_BUFFER_BYTES } from "../../src/memory/primary-buffer.ts";
import type { Attachment } from "../../src/parcels/attachment.ts";
import type { Box } from "../../src/parcels/box.ts";
import type { Parcel } from "../../src/parcels/parcel.ts";
import { Router } from "../../src/routing/router.ts";
import { RouterWorld } from "../../src/routing/router-state.ts";
import { appendDriverObjects } from "../../src/wire/driver-objects.ts";
import { encodeMessage } from "../../src/wire/encode.ts";
import type { NodeName } from "../../src/wire/ids.ts";
import {
  ConnectFromBrokerToBroker,
  ConnectFromBrokerToNonBroker,
  ConnectFromNonBrokerToBroker,
} from "../../src/wire/messages/connect.ts";
import { AcceptIntroduction } from "../../src/wire/messages/introduce.ts";
import type { MessageOf, MessageSchema } from "../../src/wire/schema.ts";
import { Application } from "../links/application.ts";

const HELLO = { protocolVersion: 0, numInitialPortals: 1, features: [0n] };

/** Lends each handle once, and knows which are out. */
class Listeners implements ListenerHandles {
  readonly lent = new Set<IpczHandle>();
  private next = 1;

  lend(): IpczHandle {
    const handle = this.next++ as IpczHandle;
    this.lent.add(handle);
    return handle;
  }

  takeBack(handle: IpczHandle): void {
    if (!this.lent.delete(handle)) throw new Error("a handle comes back once");
  }
}

/** A message with an id that nobody knows. */
export const UNKNOWN = {
  id: 200,
  v0: [
    ["value", "u32", "something"],
    ["padding", "zero(4)", "nothing"],
  ],
} as const;
UNKNOWN satisfies MessageSchema;

/** The functions of a driver, to be replaced by a test. */
export type DriverFunctions = { -readonly [K in keyof MemDriver]: MemDriver[K] };

/** One message or notification as it was delivered. */
export interface Frame {
  /** Two ends of one transport share it. */
  readonly line: number;
  /** Name of the driver that received it. */
  readonly to: string;
  /** -1: an error. */
  readonly id: number;
  readonly bytes: Uint8Array;
}

export type PeerOptions = Partial<
  Pick<NodeOptions, "isBroker" | "memV2" | "fixedCapacity" | "world">
>;

/** A node, its driver, and the portals it opened. */
export class TestNode {
  readonly name: string;
  readonly net: Network;
  readonly driver: MemDriver;
  readonly listeners = new Listeners();
  readonly world: RouterWorld;
  readonly node: Node;
  private readonly application: Application<MemDriver>;
  private readonly opened: Router[] = [];

  constructor(net: Network, name: string, options: PeerOptions = {}) {
    this.name = name;
    this.net = net;
    this.driver = net.world.driver(name);
    this.world = options.world ?? new RouterWorld(new Turn());
    this.application = new Application(this.driver, this.world);
    this.node = new Node({
      driver: this.driver,
      isBroker: options.isBroker ?? false,
      memV2: options.memV2 ?? false,
      fixedCapacity: options.fixedCapacity ?? false,
      world: this.world,
      listeners: this.listeners,
      clock: () => 0,
    });
  }

  get type(): MemNodeType {
    return this.node.isBroker ? "broker" : "normal";
  }

  /** Runs `body` as an API function would. */
  call<T>(body: () => T): T {
    return this.application.call(body);
  }

  /** ConnectNode; the portals of a failed one are closed. */
  tryConnect(
    transport: IpczDriverHandle,
    flags: number,
    count = 1,
  ): { readonly result: IpczResult; readonly portals: Router[] } {
    return this.call(() => {
      const portals = Array.from({ length: count }, () => new Router(this.world));
      const result = this.node.connect(transport, portals, flags);
      if (result === 0) this.opened.push(...portals);
      else for (const portal of portals) portal.close();
      return { result, portals };
    });
  }

  connect(transport: IpczDriverHandle, flags: number, count = 1): Router[] {
    const { result, portals } = this.tryConnect(transport, flags, count);
    assert.equal(result, 0);
    return portals;
  }

  /** Puts `text`, with attachments, into a portal. */
  put(portal: Router, text: string, attachments: readonly Attachment[] = []): void {
    this.application.putText(portal, text, attachments);
  }

  /** The text of the next parcel, null when there is none; its attachments are closed. */
  get(portal: Router): string | null {
    return this.application.get(portal);
  }

  take(portal: Router): Parcel | undefined {
    return this.application.take(portal);
  }

  /** The portal that comes with the next parcel. */
  takePortal(portal: Router): Router {
    const taken = this.application.getPortal(portal);
    this.opened.push(taken);
    return taken;
  }

  /** A box around shared memory of this node's driver. */
  box(numBytes = 64): Box {
    return this.application.box(numBytes);
  }

  openPair(): [Router, Router] {
    const pair = this.application.pair();
    this.opened.push(...pair);
    return pair;
  }

  /** The portal belongs to somebody else now. */
  disown(portal: Router): Router {
    this.opened.splice(this.opened.indexOf(portal), 1);
    return portal;
  }

  close(): void {
    this.call(() => this.node.close());
  }

  closePortals(): void {
    this.call(() => {
      for (const portal of this.opened.splice(0)) portal.close();
    });
  }
}

/** What a test sends by hand, at the other end of a transport that a node has. */
export class RawPeer {
  readonly driver: MemDriver;
  readonly transport: IpczDriverHandle;
  readonly received: number[] = [];
  readonly frames: Uint8Array[] = [];
  /** Handles that came with messages. */
  readonly handles: IpczDriverHandle[] = [];
  sawError = false;
  /** Runs on the sender's stack, for each message. */
  onReceive: (id: number) => void = () => {};
  onError: () => void = () => {};
  private isActive = false;

  constructor(driver: MemDriver, transport: IpczDriverHandle) {
    this.driver = driver;
    this.transport = transport;
  }

  activate(): this {
    this.isActive = true;
    this.driver.ActivateTransport(
      this.transport,
      1 as IpczHandle,
      (_listener, data, numBytes, handles, _count, flags) => {
        if (flags === 0) {
          const bytes = (data ?? new Uint8Array()).slice(0, numBytes);
          this.received.push(bytes[2] ?? -1);
          this.frames.push(bytes);
          this.handles.push(...(handles ?? []));
          this.onReceive(bytes[2] ?? -1);
        } else if ((flags & IPCZ_TRANSPORT_ACTIVITY_DEACTIVATED) === 0) {
          this.sawError = true;
          this.onError();
        }
        return 0;
      },
      0,
      null,
    );
    return this;
  }

  send<S extends MessageSchema>(
    schema: S,
    values: MessageOf<S>,
    objects: readonly DriverObject[] = [],
  ): void {
    const message = encodeMessage(schema, values);
    const packed = objects.map((object) => {
      const handles = [0 as IpczDriverHandle];
      const numHandles = { value: 1 };
      const numBytes = { value: 0 };
      const handle = object.release();
      const args = [handle, this.transport, 0, null, null, numBytes, handles, numHandles] as const;
      assert.equal(this.driver.Serialize(...args), 0);
      return handles[0] as IpczDriverHandle;
    });
    const whole = appendDriverObjects(
      message,
      packed.map(() => ({ data: null, numHandles: 1 })),
    );
    this.sendBytes(whole, packed);
  }

  sendBytes(bytes: Uint8Array, handles: readonly IpczDriverHandle[] = []): void {
    this.driver.Transmit(this.transport, bytes, bytes.length, handles, handles.length, 0, null);
  }

  /** A transport whose other end is closed. */
  deadTransport(): DriverObject {
    const [mine, theirs] = this.driver.createTransports("normal", "normal");
    this.driver.Close(theirs, 0, null);
    return new DriverObject(this.driver, mine);
  }

  memory(numBytes: number): DriverObject {
    const memory = DriverMemory.allocate(this.driver, numBytes);
    if (!memory) throw new Error("no memory");
    return memory.release();
  }

  close(): void {
    for (const handle of this.handles.splice(0)) this.driver.Close(handle, 0, null);
    if (this.isActive) this.driver.DeactivateTransport(this.transport, 0, null);
    this.driver.Close(this.transport, 0, null);
  }
}

export class Network {
  readonly world: MemWorld;
  readonly frames: Frame[] = [];
  readonly nodes: TestNode[] = [];
  /** Runs before a message is delivered. */
  onFrame: (frame: Frame) => void = () => {};
  private readonly raws: RawPeer[] = [];

  constructor(options: MemWorldOptions = { schedule: "sync" }) {
    this.world = memWorld({
      scribble: true,
      ...options,
      onDelivery: ({ driver, end, what, data }) => {
        if (what === "deactivated") return;
        const bytes = data?.slice() ?? new Uint8Array();
        const id = what === "message" ? (bytes[2] ?? -1) : -1;
        const frame = { line: Math.floor(end / 2), to: driver, id, bytes };
        this.frames.push(frame);
        this.onFrame(frame);
      },
    });
  }

  add(name: string, options: PeerOptions = {}): TestNode {
    const node = new TestNode(this, name, options);
    this.nodes.push(node);
    return node;
  }

  broker(name: string, options: PeerOptions = {}): TestNode {
    return this.add(name, { ...options, isBroker: true });
  }

  /** Delivers what is under way (schedule "seeded"). */
  run(): void {
    this.world.runUntilIdle(100_000);
  }

  pair(a: TestNode, b: TestNode): [IpczDriverHandle, IpczDriverHandle] {
    return this.world.connect(a.driver, b.driver, a.type, b.type);
  }

  /** A node's end of a transport, and the other end for the test to play with. */
  raw(node: TestNode, type: MemNodeType = "broker"): [IpczDriverHandle, RawPeer] {
    const driver = this.world.driver(`raw of ${node.name}`);
    const [mine, theirs] = this.world.connect(node.driver, driver, node.type, type);
    const peer = new RawPeer(driver, theirs);
    this.raws.push(peer);
    return [mine, peer];
  }

  /** A transport that `driver` holds, for the test to play with. */
  take(driver: MemDriver, transport: IpczDriverHandle): RawPeer {
    const peer = new RawPeer(driver, transport);
    this.raws.push(peer);
    return peer;
  }

  object(driver: MemDriver, handle: IpczDriverHandle): DriverObject {
    return new DriverObject(driver, handle);
  }

  /** The test plays broker `name`, which `member` joins; it is called `memberName`. */
  rawBroker(member: TestNode, name: NodeName, memberName: NodeName, flags = 0): RawPeer {
    const [t0, raw] = this.raw(member);
    member.connect(t0, IPCZ_CONNECT_NODE_TO_BROKER | flags);
    const values = { ...HELLO, brokerName: name, receiverName: memberName, buffer: 0 };
    const memory = raw.activate().memory(PRIMARY_BUFFER_BYTES);
    raw.send(ConnectFromBrokerToNonBroker, values, [memory]);
    assert.equal(member.node.name, memberName);
    return raw;
  }

  /** The test plays `name`, which the broker `introducer`, played too, introduces to its member. */
  introduceRaw(introducer: RawPeer, name: NodeName): RawPeer {
    const { driver } = introducer;
    const [mine, theirs] = driver.createTransports("normal", "normal");
    const values = {
      name,
      linkSide: 1,
      remoteNodeType: 1,
      remoteProtocolVersion: 0,
      transport: 0,
      memory: 1,
      remoteFeatures: [],
    } as const;
    const objects = [new DriverObject(driver, mine), introducer.memory(PRIMARY_BUFFER_BYTES)];
    introducer.send(AcceptIntroduction, values, objects);
    return this.take(driver, theirs).activate();
  }

  /** The test plays a member of the network of `broker`; the second answer is its name. */
  rawMember(broker: TestNode): [RawPeer, NodeName] {
    const [t0, raw] = this.raw(broker, "normal");
    broker.connect(t0, 0);
    raw.activate().send(ConnectFromNonBrokerToBroker, HELLO);
    const link = broker.node.links.at(-1);
    if (!link) throw new Error("no link");
    return [raw, link.remoteName];
  }

  /** The test plays broker `name`, and connects to `broker`. */
  rawOtherBroker(broker: TestNode, name: NodeName): RawPeer {
    const [t0, raw] = this.raw(broker);
    broker.connect(t0, IPCZ_CONNECT_NODE_TO_BROKER);
    const memory = raw.activate().memory(PRIMARY_BUFFER_BYTES);
    raw.send(ConnectFromBrokerToBroker, { ...HELLO, name, buffer: 0 }, [memory]);
    assert.notEqual(broker.node.find(name), null);
    return raw;
  }

  /** `member` joins the network of `broker`. */
  join(
    broker: TestNode,
    member: TestNode,
    options: { count?: number; flags?: number } = {},
  ): { readonly theirs: Router[]; readonly ours: Router[] } {
    const [t0, t1] = this.pair(broker, member);
    const ours = broker.connect(t0, 0, options.count);
    const flags = IPCZ_CONNECT_NODE_TO_BROKER | (options.flags ?? 0);
    const theirs = member.connect(t1, flags, options.count);
    this.run();
    return { ours, theirs };
  }

  joinBrokers(a: TestNode, b: TestNode): [Router, Router] {
    const [t0, t1] = this.pair(a, b);
    const [pa] = a.connect(t0, IPCZ_CONNECT_NODE_TO_BROKER);
    const [pb] = b.connect(t1, IPCZ_CONNECT_NODE_TO_BROKER);
    this.run();
    return [pa as Router, pb as Router];
  }

  refer(referrer: TestNode, newcomer: TestNode, count = 1): [Router[], Router[]] {
    const [t0, t1] = this.pair(referrer, newcomer);
    const theirs = newcomer.connect(t1, IPCZ_CONNECT_NODE_INHERIT_BROKER, count);
    const ours = referrer.connect(t0, IPCZ_CONNECT_NODE_SHARE_BROKER, count);
    this.run();
    return [ours, theirs];
  }

  /** Message ids in order of delivery, as "receiver:id"; errors left out. */
  ids(...only: number[]): string[] {
    return this.frames
      .filter(({ id }) => id >= 0 && (only.length === 0 || only.includes(id)))
      .map(({ to, id }) => `${to}:${id}`);
  }

  /** Two portals reach each other: each gets what the other puts. */
  areConnected(a: TestNode, portalA: Router, b: TestNode, portalB: Router): boolean {
    if (portalA.isPeerClosed || portalB.isPeerClosed) return false;
    a.put(portalA, "from a");
    b.put(portalB, "from b");
    this.run();
    return b.get(portalB) === "from a" && a.get(portalA) === "from b";
  }

  /** Closes everything; then nothing may be left of it. */
  end(): void {
    for (const node of this.nodes) node.closePortals();
    for (const node of this.nodes) node.close();
    for (const raw of this.raws) raw.close();
    this.run();
    for (const { node, listeners, world, name } of this.nodes) {
      assert.equal(node.links.length, 0, `${name}: links`);
      assert.equal(node.pendingCount, 0, `${name}: pending`);
      assert.equal(listeners.lent.size, 0, `${name}: listeners`);
      assert.equal(world.liveRouters, 0, `${name}: routers`);
    }
    const live = { transports: 0, memories: 0, mappings: 0, envelopes: 0 };
    assert.deepEqual(this.world.liveObjects(), live);
  }
}
