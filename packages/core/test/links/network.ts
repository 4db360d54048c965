/**
 * Nodes with real connections over the queueing driver, and introductions on demand: everything of a network but
 * handshakes and brokers. After every change each router concerned checks its invariants.
 */
import { closeObjects, DriverObject } from "../../src/driver/driver-object.ts";
import { ObjectBag } from "../../src/driver/object-bag.ts";
import { installOutwardLink } from "../../src/routing/install.ts";
import { Router } from "../../src/routing/router.ts";
import type { NodeName, SublinkId } from "../../src/wire/ids.ts";
import { KeptBlocks } from "./blocks.ts";
import { type CountedWorld, newWorld } from "./census.ts";
import { type LinkChoices, makeEnds } from "./connection.ts";
import { type GrowthOptions, NetNode, type Surroundings } from "./net-node.ts";
import { QueueWorld } from "./queue-driver.ts";

export interface NetworkOptions extends GrowthOptions {
  readonly choose?: () => LinkChoices;
  /** All nodes share one table's world, as two nodes of one process do. */
  readonly oneWorld?: boolean;
  /** Introductions happen when a test runs them (`events`), not at once. */
  readonly lateIntroductions?: boolean;
  /** This introduction is refused. */
  readonly refuseIntroduction?: (from: NetNode, to: NetNode) => boolean;
}

const FREELY: LinkChoices = { memV2: false, freeBlocks: null };

/** Something that the test lets happen. */
export interface Happening {
  readonly what: string;
  run(): void;
}

export class Network implements Surroundings {
  readonly queue = new QueueWorld();
  readonly options: NetworkOptions;
  readonly nodes: NetNode[] = [];
  readonly events: Happening[] = [];
  time = 0;
  readonly keptBlocks = new KeptBlocks();
  private readonly shared: CountedWorld | null;
  /** Introductions that have not reached one of the two, as "this one, the other". */
  private readonly introduced = new Set<string>();

  constructor(options: NetworkOptions = {}) {
    this.options = options;
    this.shared = options.oneWorld === true ? newWorld() : null;
  }

  node(label: string): NetNode {
    const node = new NetNode(this, label, this.nodes.length, this.shared ?? newWorld());
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

  private makeEnds(a: NetNode, b: NetNode): [() => void, () => void] {
    const { keptBlocks } = this;
    const choices = this.options.choose?.() ?? FREELY;
    return makeEnds(a, b, { choices, keptBlocks, clock: () => this.time });
  }

  private introduceLater(node: NetNode, other: NetNode, join: () => void): void {
    const key = `${node.label} ${other.label}`;
    this.introduced.add(key);
    this.happen(node, `link ${key}`, () => {
      this.introduced.delete(key);
      join();
    });
  }

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
}
