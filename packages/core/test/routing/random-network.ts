/**
 * Random work on a small network, by seed: parcels, moving portals, merges, closures, perhaps the death of a node; and
 * a check of everything that was promised, whenever the network has come to rest.
 *
 * What the application knows is kept beside the routers, as ends: which end is whose peer, how many parcels it put and
 * got, where it is. Portals travel only in parcels of routes of a lower level, so that no parcel ever holds itself.
 */
import { SeededRandom } from "@ipcz/driver-mem";
import type { Attachment } from "../../src/parcels/attachment.ts";
import { type ApplicationObject, Box } from "../../src/parcels/box.ts";
import { Parcel } from "../../src/parcels/parcel.ts";
import { ParcelData } from "../../src/parcels/parcel-data.ts";
import { mergeObstacle, mergeRoutes } from "../../src/routing/merge.ts";
import { canSend } from "../../src/routing/outbound.ts";
import { Router } from "../../src/routing/router.ts";
import { LINK_STATE_BYTES } from "../../src/memory/link-state.ts";
import { AddBlockBuffer } from "../../src/wire/messages/memory.ts";
import { AcceptParcel } from "../../src/wire/messages/parcel.ts";
import type { Packet } from "../links/queue-driver.ts";
import { dump } from "./dump.ts";
import { type NetNode, Network } from "../links/network.ts";

export interface RandomOptions {
  readonly seed: number;
  /** How many things the application does. */
  readonly steps?: number;
  readonly nodes?: number;
  readonly merges?: boolean;
  readonly closes?: boolean;
  readonly crash?: boolean;
  /** Connections between living nodes are lost now and then. */
  readonly cuts?: boolean;
  /** Chance that two nodes cannot be introduced to each other. */
  readonly strangers?: number;
  /** Chance that a message is delivered on the sender's stack. */
  readonly now?: number;
  /** Chance that a new buffer's announcement may be overtaken. */
  readonly lateBuffers?: number;
  /** Chance that a parcel without attachments comes before or after what was sent with it. */
  readonly unordered?: number;
  /** Link states are scarce, and more memory takes its time. */
  readonly scarce?: boolean;
  /** Memory that was asked for may never come: routes may then stay as they are. */
  readonly refusals?: boolean;
  readonly oneWorld?: boolean;
  /** Driver objects travel by relay between these nodes. */
  readonly relays?: boolean;
}

interface End {
  readonly id: number;
  readonly level: number;
  peer: End | null;
  node: NetNode;
  router: Router;
  /** In an application's hand, in a parcel, closed by the application, merged away. */
  state: "held" | "moving" | "closed" | "merged";
  sent: number;
  got: number;
}

/** What an application object in a box becomes: a subparcel with a portal in it. */
class PortalHolder implements ApplicationObject {
  readonly object = "holder";
  readonly serializer = null;
  readonly destructor = null;
  private portal: Router | null;

  constructor(portal: Router) {
    this.portal = portal;
  }

  serialize(): Parcel {
    return new Parcel(ParcelData.heap(new Uint8Array([1, 2, 3])), this.take());
  }

  take(): Attachment[] {
    const { portal } = this;
    this.portal = null;
    return portal ? [portal] : [];
  }

  destroy(): void {
    this.portal?.close();
    this.portal = null;
  }
}

export class RandomNetwork {
  readonly net: Network;
  readonly log: string[] = [];
  private readonly options: RandomOptions;
  private readonly random: SeededRandom;
  private readonly ends: End[] = [];
  private crashed: NetNode | null = null;

  constructor(options: RandomOptions) {
    this.options = options;
    this.random = new SeededRandom(options.seed, 1);
    const { random } = this;
    const scarce = options.scarce === true;
    this.net = new Network({
      choose: () => ({ memV2: random.chance(0.5), freeBlocks: scarce ? random.below(8) : null }),
      source: () => {
        if (options.refusals === true && random.chance(0.5)) return "never";
        return random.chance(0.7) ? "later" : "now";
      },
      ...(scarce ? { growthBytes: 10 * LINK_STATE_BYTES } : {}),
      oneWorld: options.oneWorld === true,
      lateIntroductions: true,
      refuseIntroduction: (_from, to) =>
        random.chance(to.isCrashed ? 0.5 : (options.strangers ?? 0)),
    });
    const { queue } = this.net;
    queue.onTransmit = (packet) => {
      const { id } = packet;
      if (id === AddBlockBuffer.id && random.chance(options.lateBuffers ?? 0)) return "late";
      if (isPlainParcel(packet) && random.chance(options.unordered ?? 0)) return "late";
      return random.chance(options.now ?? 0) ? "now" : "queue";
    };
    queue.onDelivery = (packet, to) => {
      this.log.push(`  ${to.from} to ${to.driver.name}: ${packet.id}`);
    };
    if (options.relays === true)
      queue.forceRelay = (driver) => driver.name !== "n0" && driver.name !== "n1";
    this.build(options.nodes ?? 3 + random.below(4));
  }

  /** Does the work, and checks the outcome. Throws when something is not as it should be. */
  run(): void {
    const steps = this.options.steps ?? 60 + this.random.below(120);
    const crashAt = this.options.crash === true ? this.random.below(steps) : -1;
    const calm = [0.2, 0.5, 0.8, 0.95][this.random.below(4)] ?? 0.5;
    for (let step = 0; step < steps; step++) {
      this.act();
      if (step === crashAt) this.crash();
      if (this.options.cuts === true && this.random.chance(0.02)) this.cut();
      while (this.random.chance(calm)) if (!this.deliverOne()) break;
      this.net.checkInvariants();
    }
    this.comeToRest();
    this.checkRoutes();
    this.checkLeftovers();
    this.end();
  }

  // Building.

  private build(count: number): void {
    for (let index = 0; index < count; index++) this.net.node(`n${index}`);
    const [hub, ...others] = this.net.nodes;
    if (!hub) return;
    for (const other of others) {
      this.net.connect(hub, other);
      for (const [ours, theirs] of this.net.initialPortals(hub, other, 2))
        this.join(this.add(hub, ours, 0), this.add(other, theirs, 0));
    }
    for (const node of this.net.nodes) {
      const [a, b] = node.pair();
      this.join(this.add(node, a, 0), this.add(node, b, 0));
    }
  }

  private add(node: NetNode, router: Router, level: number): End {
    const end: End = {
      id: this.ends.length,
      level,
      peer: null,
      node,
      router,
      state: "held",
      sent: 0,
      got: 0,
    };
    this.ends.push(end);
    return end;
  }

  private join(a: End, b: End): void {
    a.peer = b;
    b.peer = a;
  }

  // Working.

  private act(): void {
    const kind = this.random.below(100);
    if (kind < 26) this.put();
    else if (kind < 60) this.move();
    else if (kind < 80) this.read();
    else if (kind < 88) this.open();
    else if (kind < 96) this.merge();
    else this.close();
  }

  private held(accept: (end: End) => boolean = () => true): End | null {
    const found = this.ends.filter(
      (end) => end.state === "held" && !end.node.isCrashed && accept(end),
    );
    return found[this.random.below(Math.max(1, found.length))] ?? null;
  }

  private put(): void {
    // Ends that were never used can be merged.
    const used = this.random.chance(0.7);
    const end = this.held((held) => !used || held.sent + held.got > 0) ?? this.held();
    const count = 1 + this.random.below(3);
    for (let index = 0; end && index < count; index++) {
      const boxes = this.random.chance(0.15) ? [end.node.box()] : [];
      this.send(end, [], boxes);
    }
  }

  /** Sends a portal over a route of a lower level. */
  private move(): void {
    const moved = this.held((end) => end.level > 0);
    if (!moved) return;
    const carrier = this.held(
      (end) =>
        end.node === moved.node && end.level < moved.level && canSend(end.router, moved.router),
    );
    if (!carrier) return;
    const with2 = this.random.chance(0.15) ? moved.peer : null;
    const both = with2?.state === "held" && with2.node === moved.node ? [moved, with2] : [moved];
    if (this.random.chance(0.2)) this.send(carrier, both, [], true);
    else this.send(carrier, both, this.random.chance(0.2) ? [carrier.node.box()] : []);
  }

  private send(end: End, portals: readonly End[], boxes: readonly Box[], wrapped = false): void {
    const payload = this.payload(end, portals, wrapped);
    const routers: Attachment[] = portals.map(({ router }) =>
      wrapped ? new Box({ type: "application", object: new PortalHolder(router) }) : router,
    );
    const sent = end.node.put(end.router, payload, [...routers, ...boxes]);
    if (!sent) {
      end.node.call(() => {
        for (const box of boxes) box.close();
      });
      return;
    }
    this.log.push(
      `${end.node.label} puts ${end.id}/${end.sent} [${portals.map((p) => p.id).join()}]`,
    );
    end.sent++;
    for (const portal of portals) portal.state = "moving";
  }

  /** Who sends, which parcel it is, and what is attached; sometimes with much behind it. */
  private payload(end: End, portals: readonly End[], wrapped: boolean): Uint8Array {
    const size = [0, 0, 0, 8, 300, 2000, 5000][this.random.below(7)] ?? 0;
    const words = new Uint32Array(4 + portals.length + size / 4);
    words.set([end.id, end.sent, portals.length, wrapped ? 1 : 0, ...portals.map(({ id }) => id)]);
    return new Uint8Array(words.buffer);
  }

  private read(): void {
    const end = this.held((held) => held.router.localParcels > 0);
    if (end) this.readAll(end);
  }

  /** Reads what there is; true: there was something. */
  private readAll(end: End): boolean {
    let found = false;
    for (let parcel = end.node.take(end.router); parcel; parcel = end.node.take(end.router)) {
      found = true;
      this.accept(end, parcel);
    }
    return found;
  }

  private accept(end: End, parcel: Parcel): void {
    const bytes = parcel.data.bytes().slice();
    const words = new Uint32Array(bytes.buffer, 0, Math.floor(bytes.length / 4));
    const [sender = -1, number = -1, count = 0, wrapped = 0] = words;
    this.log.push(`${end.node.label} gets ${sender}/${number} at ${end.id}`);
    assertThat(sender === end.peer?.id, `end ${end.id} got a parcel of ${sender}`);
    assertThat(number === end.got, `end ${end.id} got ${number} instead of ${end.got}`);
    end.got++;
    const attachments = parcel.takeAttachments(parcel.attachments.length);
    for (let index = 0; index < count; index++) {
      const attachment = attachments[index];
      const router = wrapped === 1 ? unwrap(end.node, attachment) : attachment;
      const arrived = this.ends[words[4 + index] ?? -1];
      assertThat(router instanceof Router && arrived !== undefined, "a portal is missing");
      arrived.router = router;
      arrived.node = end.node;
      arrived.state = "held";
    }
    end.node.call(() => {
      for (const box of attachments.slice(count)) {
        assertThat(
          box instanceof Box && box.content?.type === "driver" && box.content.object.isValid,
          "a box came without its object",
        );
        box.close();
      }
      parcel.close();
    });
  }

  private open(): void {
    const nodes = this.net.nodes.filter((node) => !node.isCrashed);
    const node = nodes[this.random.below(nodes.length)];
    if (!node || this.ends.length > 120) return;
    const level = 1 + this.random.below(2);
    const [a, b] = node.pair();
    this.join(this.add(node, a, level), this.add(node, b, level));
  }

  private merge(): void {
    if (this.options.merges !== true) return;
    const a = this.held((end) => end.level > 0 && end.sent === 0 && end.got === 0);
    if (!a) return;
    const b = this.held(
      (end) =>
        end.node === a.node &&
        end.level === a.level &&
        end !== a.peer &&
        mergeObstacle(a.router, end.router) === null,
    );
    if (!b?.peer || !a.peer) return;
    this.log.push(`${a.node.label} merges ${a.id} and ${b.id}`);
    a.node.call(() => {
      mergeRoutes(a.router, b.router);
      a.router.release();
      b.router.release();
    });
    a.state = "merged";
    b.state = "merged";
    this.join(a.peer, b.peer);
  }

  private close(): void {
    if (this.options.closes !== true) return;
    const end = this.held((held) => held.level > 0);
    if (!end) return;
    this.log.push(`${end.node.label} closes ${end.id}`);
    end.state = "closed";
    end.node.close(end.router);
  }

  private crash(): void {
    const node = this.net.nodes[this.random.below(this.net.nodes.length)];
    if (!node) return;
    this.log.push(`${node.label} crashes`);
    this.crashed = node;
    this.net.crash(node, (count) => this.random.below(count + 1));
  }

  private cut(): void {
    const [a, b] = [0, 1].map(() => this.net.nodes[this.random.below(this.net.nodes.length)]);
    if (!a || !b || a === b || !a.links.has(b.name) || !b.links.has(a.name)) return;
    this.log.push(`${a.label} and ${b.label} lose each other`);
    this.net.cut(a, b);
  }

  /** Routes may be lost for another reason than closure. */
  private get mayLose(): boolean {
    const { cuts, strangers } = this.options;
    return this.crashed !== null || cuts === true || strangers !== undefined;
  }

  private deliverOne(): boolean {
    const next = this.net.next();
    const chosen = next[this.random.below(Math.max(1, next.length))];
    if (!chosen) return false;
    chosen.run();
    return true;
  }

  private deliverAll(): void {
    let steps = 0;
    while (this.deliverOne()) assertThat(++steps < 20_000, "the network does not come to rest");
  }

  private comeToRest(): void {
    let steps = 0;
    for (let busy = true; busy;) {
      while (this.deliverOne()) assertThat(++steps < 100_000, "the network does not come to rest");
      busy = false;
      for (const end of this.ends)
        if (end.state === "held" && !end.node.isCrashed && this.readAll(end)) busy = true;
    }
    this.net.checkInvariants();
  }

  // Checking.

  private checkRoutes(): void {
    assertThat(this.net.queue.refusals.length === 0, this.net.queue.refusals.join("; "));
    for (const end of this.ends) {
      if (end.state !== "held" || end.node.isCrashed || !end.peer) continue;
      const { peer } = end;
      if (peer.state === "held" && !peer.node.isCrashed) this.checkPair(end, peer);
      else this.checkBereft(end, peer);
    }
  }

  private checkPair(end: End, peer: End): void {
    const isCut = end.router.isPeerClosed;
    assertThat(isCut === peer.router.isPeerClosed, `only one of ${end.id}, ${peer.id} is cut off`);
    if (isCut) {
      assertThat(this.mayLose, `${end.id} and ${peer.id} were cut off`);
      assertThat(end.router.isDead, `${end.id} is cut off and drained, but not dead`);
      assertThat(end.got <= peer.sent, `${end.id} got too much`);
      return;
    }
    assertThat(end.got === peer.sent, `${end.id} got ${end.got} of ${peer.sent}`);
    if (this.options.refusals !== true) this.checkDirect(end, peer);
  }

  private checkDirect({ id, router, node }: End, peer: End): void {
    const { primary } = router.outward;
    const direct = router.isTerminal && router.outward.isStable && primary?.type === "central";
    assertThat(direct, `the route of ${id} is not direct`);
    const far = primary.kind === "local" ? router.localPeer : null;
    if (primary.kind === "local") assertThat(far === peer.router, `${id} has another's peer`);
    else {
      assertThat(primary.node.remoteName === peer.node.name, `${id} leads to another node`);
      const back = peer.node.linkTo(node).linkAt(primary.sublink);
      assertThat(back?.router === peer.router, `${id} and ${peer.id} are not joined`);
      assertThat(back === peer.router.outward.primary, `${peer.id} uses another link`);
    }
  }

  private checkBereft(end: End, peer: End): void {
    if (this.options.refusals === true && !end.router.isPeerClosed) return;
    assertThat(end.router.isPeerClosed, `${end.id} does not know that ${peer.id} is gone`);
    assertThat(end.router.isDead, `${end.id} is drained, but not dead`);
    assertThat(this.mayLose || end.got === peer.sent, `${end.id} got ${end.got} of ${peer.sent}`);
    assertThat(end.got <= peer.sent, `${end.id} got too much`);
  }

  /** Only the portals' own routers are left, and one link for each route. */
  private checkLeftovers(): void {
    if (this.options.refusals === true) return;
    const alive = this.net.nodes.filter((node) => !node.isCrashed);
    const held = this.ends.filter((end) => end.state === "held" && !end.node.isCrashed);
    const worlds = new Set(alive.map(({ census }) => census));
    let routers = 0;
    for (const { routers: all } of worlds) routers += all.size;
    // In one world the routers of a crashed node are not told from others.
    if (this.options.oneWorld !== true || this.crashed === null) {
      assertThat(routers === held.length, `${routers} routers for ${held.length} portals`);
    }
    for (const node of alive)
      for (const link of node.links.values()) {
        const routes = held.filter(({ router }) => {
          const { primary } = router.outward;
          return primary?.kind === "remote" && primary.node === link;
        });
        assertThat(
          link.sublinkCount === routes.length,
          `${node.label}: ${link.sublinkCount} sublinks for ${routes.length} routes`,
        );
      }
  }

  /** Closes everything; then nothing may be left. */
  private end(): void {
    for (const end of this.ends)
      if (end.state === "held" && !end.node.isCrashed) end.node.close(end.router);
    this.deliverAll();
    assertThat(this.net.queue.refusals.length === 0, this.net.queue.refusals.join("; "));
    const alive = this.net.nodes.filter((node) => !node.isCrashed);
    this.net.giveBack();
    if (this.options.refusals !== true) this.checkEmpty(alive);
    for (const node of alive)
      node.call(() => {
        for (const link of [...node.links.values()]) node.drop(link);
      });
    this.deliverAll();
    for (const node of alive) {
      if (this.options.oneWorld !== true || this.crashed === null)
        assertThat(node.census.routers.size === 0, `${node.label}: routers are left`);
      assertThat(node.listeners.count === 0, `${node.label}: listeners are left`);
    }
    const live = this.net.queue.live();
    assertThat(live.length === 0, `left over: ${live.join(", ")}`);
  }

  private checkEmpty(alive: readonly NetNode[]): void {
    for (const node of alive) {
      if (this.options.oneWorld !== true || this.crashed === null)
        assertThat(node.census.routers.size === 0, `${node.label}: routers without portals`);
      for (const link of node.links.values())
        assertThat(link.sublinkCount === 0, `${node.label}: sublinks without portals`);
    }
    // Counting takes time; not every seed needs it.
    if (this.crashed === null && this.options.seed % 4 === 0) this.checkBlocks(alive);
  }

  /** Every block that could be handed out can be again: no fragment and no link state is still in use. */
  private checkBlocks(alive: readonly NetNode[]): void {
    for (const node of alive)
      for (const link of node.links.values()) {
        const used = this.net.blocksInUse(link.memory);
        assertThat(used.length === 0, `${node.label}: blocks in use: ${used.join(", ")}`);
      }
  }

  /** What the application and the network did, and how the routers stand. */
  report(): string {
    const routers = this.net.nodes
      .filter((node) => !node.isCrashed)
      .flatMap((node) => [...node.census.routers].map((router) => dump(node, router)));
    return [...this.log.slice(-80), ...new Set(routers)].join("\n");
  }
}

/** Nothing is attached: neither handle types nor new routers are in the message. */
function isPlainParcel({ id, bytes }: Packet): boolean {
  if (id !== AcceptParcel.id) return false;
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  return view.getUint32(76, true) === 0 && view.getUint32(80, true) === 0;
}

function unwrap(node: NetNode, attachment: Attachment | undefined): Attachment | undefined {
  const content = attachment instanceof Box ? attachment.take() : null;
  if (content?.type === "subparcel") {
    const [portal] = content.parcel.takeAttachments(1);
    node.call(() => content.parcel.close());
    return portal;
  }
  if (content?.type === "application" && content.object instanceof PortalHolder)
    return content.object.take()[0];
  return undefined;
}

function assertThat(condition: boolean, message: string): asserts condition {
  if (!condition) throw new Error(message);
}

/** Runs one network; a failure says how to see it again. */
export function runRandom(options: RandomOptions): void {
  const network = new RandomNetwork(options);
  try {
    network.run();
  } catch (error) {
    const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
    throw new Error(`${JSON.stringify(options)}: ${message}\n${network.report()}`, {
      cause: error,
    });
  }
}
