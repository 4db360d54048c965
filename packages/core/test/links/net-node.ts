/**
 * A node of a network without handshakes and brokers: the links it has, and a directory that waits for others.
 */
import type { IpczHandle } from "@ipcz/api";
import { DriverMemory } from "../../src/driver/driver-memory.ts";
import type { DriverObject } from "../../src/driver/driver-object.ts";
import type { ListenerHandles } from "../../src/driver/driver-transport.ts";
import type { LinkDirectory, NodePeer } from "../../src/links/contract.ts";
import type { NodeLink } from "../../src/links/node-link.ts";
import type { MemorySource } from "../../src/memory/link-memory.ts";
import { Arrivals } from "../../src/routing/arrive.ts";
import type { NodeName } from "../../src/wire/ids.ts";
import { Application } from "./application.ts";
import type { Census, CountedWorld } from "./census.ts";
import { QueueDriver, type QueueWorld } from "./queue-driver.ts";
import { RefusingInbox } from "./refusing-inbox.ts";

/** Where a node's new memory comes from: at once, later (and then asked again), or never. */
export type SourceConduct = "now" | "later" | "never";

/** What nodes get for their requests for memory. */
export interface GrowthOptions {
  readonly source?: () => SourceConduct;
  /** Bytes that are given for whatever is asked; null: what is asked. */
  readonly growthBytes?: number;
}

/** The network around a node, as far as the node leads to it. */
export interface Surroundings {
  readonly queue: QueueWorld;
  readonly options: GrowthOptions;
  /** Introduces `from` to the node called `name`, now or when the test lets it happen. */
  introduce(from: NetNode, name: NodeName): void;
  /** Delivers a message by way of a broker: some time, in no order with others. */
  relay(
    from: NetNode,
    destination: NodeName,
    message: Uint8Array,
    objects: readonly DriverObject[],
  ): void;
  /** Lets something happen at `node`, unless it has crashed by then. */
  happen(node: NetNode, what: string, run: () => void): void;
  /** Lets everything happen, first in first out. */
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

export class NetNode extends Application<QueueDriver> implements LinkDirectory, MemorySource {
  readonly net: Surroundings;
  readonly label: string;
  readonly name: NodeName;
  readonly census: Census;
  readonly arrivals: Arrivals;
  readonly listeners = new Listeners();
  readonly inbox: RefusingInbox = new RefusingInbox((link) => {
    this.drop(link);
  });
  readonly links = new Map<NodeName, NodeLink>();
  /** Every connection this node ever had. */
  readonly allLinks: NodeLink[] = [];
  private readonly waiting = new Map<NodeName, ((peer: NodePeer | null) => void)[]>();

  constructor(net: Surroundings, label: string, number: number, { world, census }: CountedWorld) {
    super(new QueueDriver(net.queue, label), world);
    this.net = net;
    this.label = label;
    this.name = (number + 1).toString(16).padStart(32, "a") as NodeName;
    this.census = census;
    this.arrivals = new Arrivals(world);
  }

  get isCrashed(): boolean {
    return this.driver.crashed;
  }

  linkTo(other: NetNode): NodeLink {
    const link = this.links.get(other.name);
    if (!link) throw new Error(`${this.label} has no link to ${other.label}`);
    return link;
  }

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
}
