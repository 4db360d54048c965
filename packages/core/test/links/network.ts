/**
 * Nodes with real connections over the queueing driver, and a directory that introduces them on demand: everything of
 * a network but handshakes and brokers. After every change each router concerned checks its invariants.
 */
import { type IpczHandle, IPCZ_RESULT_OK } from "@ipcz/api";
import { Turn } from "../../src/base/turn.ts";
import type { Verdict } from "../../src/base/verdict.ts";
import { DriverMemory } from "../../src/driver/driver-memory.ts";
import { closeObjects, DriverObject } from "../../src/driver/driver-object.ts";
import { DriverTransport, type ListenerHandles } from "../../src/driver/driver-transport.ts";
import { ObjectBag } from "../../src/driver/object-bag.ts";
import type { NodePeer } from "../../src/links/contract.ts";
import type { LinkDirectory } from "../../src/links/contract.ts";
import type { NodeInbox } from "../../src/links/node-inbox.ts";
import { NodeLink } from "../../src/links/node-link.ts";
import type { BufferPool } from "../../src/memory/buffer-pool.ts";
import type { Fragment } from "../../src/memory/fragment.ts";
import { LinkMemory, type MemorySource } from "../../src/memory/link-memory.ts";
import type { Attachment } from "../../src/parcels/attachment.ts";
import { Box } from "../../src/parcels/box.ts";
import { Parcel } from "../../src/parcels/parcel.ts";
import { ParcelData } from "../../src/parcels/parcel-data.ts";
import { Arrivals } from "../../src/routing/arrive.ts";
import { takeParcel } from "../../src/routing/inbound.ts";
import { installOutwardLink } from "../../src/routing/install.ts";
import { memoryForParcels, refusesPuts, sendFromPortal } from "../../src/routing/outbound.ts";
import { openPair } from "../../src/routing/pair.ts";
import { Router } from "../../src/routing/router.ts";
import { type RouterState, RouterWorld } from "../../src/routing/router-state.ts";
import {
  type LinkSide,
  NODE_TYPE_NORMAL,
  type NodeName,
  SIDE_A,
  SIDE_B,
  type SublinkId,
} from "../../src/wire/ids.ts";
import { AddBlockBuffer } from "../../src/wire/messages/memory.ts";
import { QueueDriver, QueueWorld } from "./queue-driver.ts";

/** What each connection is like. */
export interface LinkChoices {
  readonly memV2: boolean;
  /** How many of the 64-byte blocks are free at first; null: all. */
  readonly freeBlocks: number | null;
}

/** Where a node's new memory comes from: at once, later (and then asked again), or never. */
export type SourceConduct = "now" | "later" | "never";

export interface NetworkOptions {
  readonly choose?: () => LinkChoices;
  readonly source?: () => SourceConduct;
  /** Bytes that are given for whatever is asked; null: what is asked. */
  readonly growthBytes?: number;
  /** All nodes share one table's world, as two nodes of one process do. */
  readonly oneWorld?: boolean;
  /** Introductions happen when a test runs them (`events`), not at once. */
  readonly lateIntroductions?: boolean;
  /** This introduction is refused. */
  readonly refuseIntroduction?: (from: NetNode, to: NetNode) => boolean;
}

/** Blocks of 64 bytes in a primary buffer. */
export const BLOCKS_64: number = 94_976 / 64 - 1;

const FREELY: LinkChoices = { memV2: false, freeBlocks: null };

/** Something that the test lets happen. */
export interface Happening {
  readonly what: string;
  run(): void;
}

class Listeners implements ListenerHandles {
  count = 0;
  private next = 1;

  lend(): IpczHandle {
    this.count++;
    return this.next++ as IpczHandle;
  }

  takeBack(): void {
    this.count--;
  }
}

/** All routers of a world, checked whenever one of them has changed. */
class Census {
  readonly routers = new Set<RouterState>();

  created(router: RouterState): void {
    this.routers.add(router);
  }

  changed(router: RouterState): void {
    router.checkInvariants();
  }

  retired(router: RouterState): void {
    this.routers.delete(router);
  }
}

export class NetNode implements LinkDirectory, NodeInbox, MemorySource {
  readonly net: Network;
  readonly label: string;
  readonly name: NodeName;
  readonly driver: QueueDriver;
  readonly world: RouterWorld;
  readonly census: Census;
  readonly arrivals: Arrivals;
  readonly listeners = new Listeners();
  readonly links = new Map<NodeName, NodeLink>();
  /** Every connection this node ever had. */
  readonly allLinks: NodeLink[] = [];
  private readonly waiting = new Map<NodeName, ((peer: NodePeer | null) => void)[]>();

  constructor(net: Network, label: string, number: number, world: RouterWorld, census: Census) {
    this.net = net;
    this.label = label;
    this.name = (number + 1).toString(16).padStart(32, "a") as NodeName;
    this.driver = new QueueDriver(net.queue, label);
    this.world = world;
    this.census = census;
    this.arrivals = new Arrivals(world);
  }

  get isCrashed(): boolean {
    return this.driver.crashed;
  }

  /** Runs `body` as an API function would. */
  call<T>(body: () => T): T {
    this.world.turn.enterCall();
    try {
      return body();
    } finally {
      this.world.turn.leaveCall();
    }
  }

  /** Runs `body` as a notification would. */
  event<T>(body: () => T): T {
    this.world.turn.enterEvent();
    try {
      return body();
    } finally {
      this.world.turn.leaveEvent();
    }
  }

  pair(): [Router, Router] {
    return this.call(() => [...openPair(this.world)]);
  }

  /** Puts `bytes` as the table would; false: the portal refuses. */
  put(portal: Router, bytes: Uint8Array, attachments: readonly Attachment[] = []): boolean {
    return this.call(() => {
      if (refusesPuts(portal)) return false;
      const data = ParcelData.allocate(memoryForParcels(portal), bytes.length);
      data.fill(bytes, bytes.length);
      sendFromPortal(portal, new Parcel(data, attachments));
      return true;
    });
  }

  putText(portal: Router, text: string, attachments: readonly Attachment[] = []): void {
    if (!this.put(portal, new TextEncoder().encode(text), attachments))
      throw new Error(`"${text}" was refused`);
  }

  take(portal: Router): Parcel | undefined {
    return this.call(() => takeParcel(portal));
  }

  /** The text of the next parcel, null when there is none. What is attached is closed. */
  get(portal: Router): string | null {
    const parcel = this.take(portal);
    if (!parcel) return null;
    const text = textOf(parcel);
    this.call(() => parcel.close());
    return text;
  }

  /** The texts of all parcels that can be read. */
  getAll(portal: Router): string[] {
    const texts: string[] = [];
    for (let text = this.get(portal); text !== null; text = this.get(portal)) texts.push(text);
    return texts;
  }

  /** The portal that comes with the next parcel. */
  getPortal(portal: Router): Router {
    const parcel = this.take(portal);
    const [attachment] = parcel?.takeAttachments(1) ?? [];
    this.call(() => parcel?.close());
    if (!(attachment instanceof Router)) throw new Error("no portal came");
    return attachment;
  }

  close(portal: Router): void {
    this.call(() => {
      portal.close();
    });
  }

  /** A box around a new piece of memory. */
  box(numBytes = 64): Box {
    const memory = DriverMemory.allocate(this.driver, numBytes);
    if (!memory) throw new Error("no memory");
    return new Box({ type: "driver", object: memory.release() });
  }

  linkTo(other: NetNode): NodeLink {
    const link = this.links.get(other.name);
    if (!link) throw new Error(`${this.label} has no link to ${other.label}`);
    return link;
  }

  // The directory.

  find(name: NodeName): NodePeer | null {
    return this.links.get(name) ?? null;
  }

  establish(name: NodeName, done: (peer: NodePeer | null) => void): void {
    const link = this.links.get(name);
    if (link) {
      done(link);
      return;
    }
    const waiting = this.waiting.get(name);
    if (waiting) {
      waiting.push(done);
      return;
    }
    this.waiting.set(name, [done]);
    this.net.introduce(this, name);
  }

  answer(name: NodeName): void {
    const waiting = this.waiting.get(name) ?? [];
    this.waiting.delete(name);
    for (const done of waiting) done(this.links.get(name) ?? null);
  }

  relay(destination: NodeName, message: Uint8Array, objects: readonly DriverObject[]): void {
    this.net.relay(this, destination, message, objects);
  }

  drop(peer: NodePeer): void {
    const link = this.links.get(peer.remoteName);
    if (link !== peer) return;
    this.links.delete(peer.remoteName);
    link.deactivate();
  }

  // Memory.

  request(numBytes: number, done: (memory: DriverMemory | null) => void): void {
    const { source, growthBytes = numBytes } = this.net.options;
    const grant = (conduct: SourceConduct): void => {
      done(conduct === "never" ? null : DriverMemory.allocate(this.driver, growthBytes));
    };
    const conduct = source?.() ?? "now";
    if (conduct !== "later") grant(conduct);
    else
      this.net.happen(this, `${numBytes} bytes for ${this.label}`, () => {
        this.event(() => {
          grant(source?.() ?? "now");
        });
      });
  }

  // The inbox.

  linkFailed(link: NodePeer): void {
    this.drop(link);
  }

  referNonBroker(): Verdict {
    return "reject";
  }

  nonBrokerReferralAccepted(): Verdict {
    return "reject";
  }

  nonBrokerReferralRejected(): Verdict {
    return "reject";
  }

  requestIntroduction(): Verdict {
    return "reject";
  }

  acceptIntroduction(): Verdict {
    return "reject";
  }

  rejectIntroduction(): Verdict {
    return "reject";
  }

  requestIndirectIntroduction(): Verdict {
    return "reject";
  }

  requestMemory(): Verdict {
    return "reject";
  }

  provideMemory(): Verdict {
    return "reject";
  }

  relayMessage(): Verdict {
    return "reject";
  }

  acceptRelayedMessage(): Verdict {
    return "reject";
  }
}

/** The text in a parcel. */
export function textOf(parcel: Parcel): string {
  return new TextDecoder().decode(parcel.data.bytes().slice());
}

export class Network {
  readonly queue = new QueueWorld();
  readonly options: NetworkOptions;
  readonly nodes: NetNode[] = [];
  readonly events: Happening[] = [];
  time = 0;
  private readonly shared: { world: RouterWorld; census: Census } | null;
  /** Introductions that have not reached one of the two, as "this one, the other". */
  private readonly introduced = new Set<string>();
  /** Blocks kept from use, to be given back in the end. */
  private readonly held = new Map<LinkMemory, Fragment[]>();

  constructor(options: NetworkOptions = {}) {
    this.options = options;
    this.shared = options.oneWorld === true ? newWorld() : null;
  }

  node(label: string): NetNode {
    const { world, census } = this.shared ?? newWorld();
    const node = new NetNode(this, label, this.nodes.length, world, census);
    this.nodes.push(node);
    return node;
  }

  /** Two connected nodes; the first is side A of their connection. */
  connect(a: NetNode, b: NetNode): void {
    const [endA, endB] = this.makeEnds(a, b);
    endA();
    endB();
  }

  /** `count` routes between two nodes, as if connected with so many initial portals. */
  initialPortals(a: NetNode, b: NetNode, count: number): [Router, Router][] {
    return Array.from({ length: count }, (_, index) => {
      const pair: [Router, Router] = [new Router(a.world), new Router(b.world)];
      this.bindInitial(a, b, pair[0], index);
      this.bindInitial(b, a, pair[1], index);
      return pair;
    });
  }

  /** Gives a portal without a link the one of initial portal `index`. */
  bindInitial(node: NetNode, other: NetNode, portal: Router, index: number): void {
    const link = node.linkTo(other);
    node.event(() => {
      const state = link.memory.initialLinkState(index);
      const bound = link.bind(index as SublinkId, "central", link.side, state, portal);
      if (bound) installOutwardLink(portal, bound);
      else portal.acceptDisconnected("central");
    });
  }

  /** Introduces `from` to the node called `name`, now or when the test lets it happen. */
  introduce(from: NetNode, name: NodeName): void {
    const to = this.nodes.find((node) => node.name === name);
    const refused = !to || to === from || (this.options.refuseIntroduction?.(from, to) ?? false);
    // An introduction is under way that the other one asked for.
    if (to && this.introduced.has(`${from.label} ${to.label}`)) return;
    if (refused) {
      this.happen(from, `no link for ${from.label}`, () => from.event(() => from.answer(name)));
      return;
    }
    const [ours, theirs] = this.makeEnds(from, to);
    this.introduceLater(from, to, ours);
    this.introduceLater(to, from, theirs);
  }

  private introduceLater(node: NetNode, other: NetNode, join: () => void): void {
    const key = `${node.label} ${other.label}`;
    this.introduced.add(key);
    this.happen(node, `link ${key}`, () => {
      this.introduced.delete(key);
      join();
    });
  }

  /** Delivers a message by way of a broker: some time, in no order with others. */
  relay(
    from: NetNode,
    destination: NodeName,
    message: Uint8Array,
    objects: readonly DriverObject[],
  ): void {
    const to = this.nodes.find((node) => node.name === destination);
    const bytes = message.slice();
    const moved = objects.map((object) => this.queue.take(object.release(), from.driver));
    if (!to || to.isCrashed) return;
    const event = {
      what: `relay ${from.label} to ${to.label}`,
      run: (): void => {
        const arrived = moved.map(
          (object) => new DriverObject(to.driver, this.queue.add(object, to.driver)),
        );
        const link = to.links.get(from.name);
        if (!link || link.isDead) {
          closeObjects(arrived);
          return;
        }
        to.event(() => {
          const bag = new ObjectBag(arrived);
          if (link.acceptRelayed(bytes, bag) === "reject") {
            this.queue.refusals.push(`${to.label} refused a relayed message of ${from.label}`);
            link.fail();
          }
          bag.closeRest();
        });
      },
    };
    this.events.push(event);
  }

  /** Lets something happen at `node`, unless it has crashed by then. */
  happen(node: NetNode, what: string, run: () => void): void {
    if (this.options.lateIntroductions !== true) {
      run();
      return;
    }
    this.events.push({
      what,
      run: () => {
        if (!node.isCrashed) run();
      },
    });
  }

  /** Everything that can happen next. */
  next(): Happening[] {
    const happenings = this.events.map((event) => ({
      what: event.what,
      run: (): void => {
        this.events.splice(this.events.indexOf(event), 1);
        event.run();
      },
    }));
    for (const pending of this.queue.pending()) {
      const { end, late } = pending;
      const id = (late ?? end.inbox[0])?.id ?? "error";
      happenings.push({
        what: `${end.from} to ${end.driver.name}: ${id}`,
        run: () => {
          this.queue.deliver(pending);
        },
      });
    }
    return happenings;
  }

  /** Lets everything happen, first in first out. */
  run(stepsMax = 10_000): void {
    for (let step = 0; step < stepsMax; step++) {
      const [first] = this.next();
      if (!first) return;
      first.run();
    }
    throw new Error("the network does not come to rest");
  }

  /** Delivers the messages now under way from one node to another, or the first `count` of them. */
  deliver(from: NetNode, to: NetNode, count = Infinity): void {
    for (const end of this.queue.ends) {
      if (end.driver !== to.driver || end.from !== from.label) continue;
      const number = Math.min(count, end.inbox.length);
      for (let index = 0; index < number; index++) end.deliverNext();
    }
  }

  /** The ids of the messages under way from one node to another. */
  underWay(from: NetNode, to: NetNode): number[] {
    return this.queue.ends
      .filter((end) => end.driver === to.driver && end.from === from.label)
      .flatMap((end) => end.inbox.map(({ id }) => id));
  }

  /** Ends the connection of two nodes, as both see it. */
  cut(a: NetNode, b: NetNode): void {
    for (const end of this.queue.ends)
      if (end.driver === a.driver && end.from === b.label) {
        this.queue.drop(end.takeWaiting().flatMap(({ objects }) => objects));
        this.queue.drop((end.peer?.takeWaiting() ?? []).flatMap(({ objects }) => objects));
        end.break();
        end.peer?.break();
      }
  }

  /** Ends a node as the death of its process would. */
  crash(node: NetNode, prefix: (count: number) => number = () => 0): void {
    node.driver.crash(prefix);
  }

  checkInvariants(): void {
    for (const node of this.nodes)
      if (!node.isCrashed) for (const router of node.census.routers) router.checkInvariants();
  }

  /** Gives back the blocks that were kept from use. */
  giveBack(): void {
    for (const [memory, fragments] of this.held)
      for (const { descriptor } of fragments.splice(0)) memory.freeFragment(descriptor);
  }

  /** Blocks of the shared memory that are not free, as "count of size". */
  blocksInUse(memory: LinkMemory): string[] {
    const { buffers } = memory as unknown as { readonly buffers: BufferPool };
    const used: string[] = [];
    for (let size = 64; size <= 2 ** 22; size *= 2) {
      const count = buffers.capacityOf(size) / size;
      if (count === 0) continue;
      const free: Fragment[] = [];
      const take = (): Fragment | null => buffers.allocate(size, size);
      for (let one = take(); one; one = take()) free.push(one);
      for (const { descriptor } of free) buffers.free(descriptor);
      if (free.length !== count) used.push(`${count - free.length} of ${size}`);
    }
    return used;
  }

  private makeEnds(a: NetNode, b: NetNode): [() => void, () => void] {
    const { memV2, freeBlocks } = this.options.choose?.() ?? FREELY;
    const [transportA, transportB] = this.queue.connect(a.driver, b.driver);
    const primary = LinkMemory.createPrimary(a.driver);
    if (!primary) throw new Error("no primary buffer");
    const moved = this.queue.take(primary.memory.release().release(), a.driver);
    const handle = this.queue.add(moved, b.driver);
    const memoryB = DriverMemory.adopt(new DriverObject(b.driver, handle));
    const mappingB = memoryB && LinkMemory.adoptPrimary(memoryB);
    if (!mappingB) throw new Error("no primary buffer");
    const one = this.makeLink(a, b, SIDE_A, primary.mapping, transportA, memV2);
    if (freeBlocks !== null) this.takeBlocks(one.memory, freeBlocks);
    const other = this.makeLink(b, a, SIDE_B, mappingB, transportB, memV2);
    return [one.join, other.join];
  }

  private makeLink(
    node: NetNode,
    remote: NetNode,
    side: LinkSide,
    primary: ConstructorParameters<typeof LinkMemory>[0]["primary"],
    transport: ReturnType<QueueWorld["connect"]>[0],
    memV2: boolean,
  ): { memory: LinkMemory; join: () => void } {
    const memory = new LinkMemory({
      side,
      memV2,
      fixedCapacity: false,
      primary,
      source: node,
      announce: (id, blockSize, buffer) => {
        link.send(AddBlockBuffer, { id, blockSize, buffer: 0 }, [buffer.release()]);
      },
    });
    const link = new NodeLink({
      driver: node.driver,
      transport: new DriverTransport(new DriverObject(node.driver, transport), node.listeners),
      localName: node.name,
      remoteName: remote.name,
      remoteType: NODE_TYPE_NORMAL,
      side,
      memory,
      directory: node,
      inbox: node,
      arrivals: node.arrivals,
      turn: node.world.turn,
      events: node.world.events,
      clock: () => this.time,
    });
    const join = (): void => {
      node.event(() => {
        node.allLinks.push(link);
        // The node does not know yet that the old connection is lost; of two it keeps the first.
        if (node.links.has(remote.name)) {
          link.deactivate();
          return;
        }
        node.links.set(remote.name, link);
        if (link.start() !== IPCZ_RESULT_OK) throw new Error("no start");
        node.answer(remote.name);
      });
    };
    return { memory, join };
  }

  /** Leaves `count` of the 64-byte blocks. */
  private takeBlocks(memory: LinkMemory, count: number): void {
    const fragments: Fragment[] = [];
    this.held.set(memory, fragments);
    while (fragments.length < BLOCKS_64 - count) {
      const fragment = memory.allocateFragment(64);
      if (!fragment) throw new Error("fewer blocks than there should be");
      fragments.push(fragment);
    }
  }
}

function newWorld(): { world: RouterWorld; census: Census } {
  const census = new Census();
  return { world: new RouterWorld(new Turn(), census), census };
}
