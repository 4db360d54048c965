/**
 * Random work on a small network, by seed: parcels, moving portals, merges, closures, perhaps the death of a node; and
 * a check of everything that was promised, whenever the network has come to rest.
 */
import { SeededRandom } from "@ipcz/driver-mem";
import { LINK_STATE_BYTES } from "../../src/memory/link-state.ts";
import { AddBlockBuffer } from "../../src/wire/messages/memory.ts";
import { AcceptParcel } from "../../src/wire/messages/parcel.ts";
import { Network } from "../links/network.ts";
import type { Packet } from "../links/queue-driver.ts";
import { assertThat } from "./assert-that.ts";
import { dump } from "./dump.ts";
import { checkEmpty, checkLeftovers, checkNothingLeft, checkRoutes } from "./random-checks.ts";
import type { RandomOptions } from "./random-modes.ts";
import { readAll } from "./random-parcels.ts";
import { RandomScene } from "./random-scene.ts";
import { act } from "./random-work.ts";

export class RandomNetwork {
  private readonly scene: RandomScene;

  constructor(options: RandomOptions) {
    const random = new SeededRandom(options.seed, 1);
    const net = makeNetwork(options, random);
    this.scene = new RandomScene(options, random, net);
    direct(this.scene);
    this.build(options.nodes ?? 3 + random.below(4));
  }

  /** Does the work, and checks the outcome. Throws when something is not as it should be. */
  run(): void {
    const { scene } = this;
    const { options, random, net } = scene;
    const steps = options.steps ?? 60 + random.below(120);
    const crashAt = options.crash === true ? random.below(steps) : -1;
    const calm = [0.2, 0.5, 0.8, 0.95][random.below(4)] ?? 0.5;
    for (let step = 0; step < steps; step++) {
      act(scene);
      if (step === crashAt) this.crash();
      if (options.cuts === true && random.chance(0.02)) this.cut();
      while (random.chance(calm)) if (!this.deliverOne()) break;
      net.checkInvariants();
    }
    this.comeToRest();
    checkRoutes(scene);
    checkLeftovers(scene);
    this.end();
  }

  private build(count: number): void {
    const { scene } = this;
    const { net } = scene;
    for (let index = 0; index < count; index++) net.node(`n${index}`);
    const [hub, ...others] = net.nodes;
    if (!hub) return;
    for (const other of others) {
      net.connect(hub, other);
      for (const [ours, theirs] of net.initialPortals(hub, other, 2))
        scene.join(scene.add(hub, ours, 0), scene.add(other, theirs, 0));
    }
    for (const node of net.nodes) {
      const [a, b] = node.pair();
      scene.join(scene.add(node, a, 0), scene.add(node, b, 0));
    }
  }

  private crash(): void {
    const { scene } = this;
    const { net, random } = scene;
    const node = net.nodes[random.below(net.nodes.length)];
    if (!node) return;
    scene.log.push(`${node.label} crashes`);
    scene.crashed = node;
    net.crash(node, (count) => random.below(count + 1));
  }

  private cut(): void {
    const { net, random, log } = this.scene;
    const [a, b] = [0, 1].map(() => net.nodes[random.below(net.nodes.length)]);
    if (!a || !b || a === b || !a.links.has(b.name) || !b.links.has(a.name)) return;
    log.push(`${a.label} and ${b.label} lose each other`);
    net.cut(a, b);
  }

  private deliverOne(): boolean {
    const { net, random } = this.scene;
    const next = net.next();
    const chosen = next[random.below(Math.max(1, next.length))];
    if (!chosen) return false;
    chosen.run();
    return true;
  }

  private deliverAll(): void {
    let steps = 0;
    while (this.deliverOne()) assertThat(++steps < 20_000, "the network does not come to rest");
  }

  private comeToRest(): void {
    const { scene } = this;
    let steps = 0;
    for (let busy = true; busy;) {
      while (this.deliverOne()) assertThat(++steps < 100_000, "the network does not come to rest");
      busy = false;
      for (const end of scene.ends)
        if (end.state === "held" && !end.node.isCrashed && readAll(scene, end)) busy = true;
    }
    scene.net.checkInvariants();
  }

  /** Closes everything; then nothing may be left. */
  private end(): void {
    const { scene } = this;
    const { net } = scene;
    for (const end of scene.ends)
      if (end.state === "held" && !end.node.isCrashed) end.node.close(end.router);
    this.deliverAll();
    assertThat(net.queue.refusals.length === 0, net.queue.refusals.join("; "));
    net.keptBlocks.giveBack();
    if (scene.options.refusals !== true) checkEmpty(scene);
    for (const node of scene.aliveNodes())
      node.call(() => {
        for (const link of [...node.links.values()]) node.drop(link);
      });
    this.deliverAll();
    checkNothingLeft(scene);
  }

  /** What the application and the network did, and how the routers stand. */
  report(): string {
    const { scene } = this;
    const routers = scene
      .aliveNodes()
      .flatMap((node) => [...node.census.routers].map((router) => dump(node, router)));
    return [...scene.log.slice(-80), ...new Set(routers)].join("\n");
  }
}

function makeNetwork(options: RandomOptions, random: SeededRandom): Network {
  const scarce = options.scarce === true;
  return new Network({
    choose: () => ({ memV2: random.chance(0.5), freeBlocks: scarce ? random.below(8) : null }),
    source: () => {
      if (options.refusals === true && random.chance(0.5)) return "never";
      return random.chance(0.7) ? "later" : "now";
    },
    ...(scarce ? { growthBytes: 10 * LINK_STATE_BYTES } : {}),
    oneWorld: options.oneWorld === true,
    lateIntroductions: true,
    refuseIntroduction: (_from, to) => random.chance(to.isCrashed ? 0.5 : (options.strangers ?? 0)),
  });
}

/** Lets the seed say how each message travels, and notes those that arrive. */
function direct({ options, random, net, log }: RandomScene): void {
  const { queue } = net;
  queue.onTransmit = (packet) => {
    const { id } = packet;
    if (id === AddBlockBuffer.id && random.chance(options.lateBuffers ?? 0)) return "late";
    if (isPlainParcel(packet) && random.chance(options.unordered ?? 0)) return "late";
    return random.chance(options.now ?? 0) ? "now" : "queue";
  };
  queue.onDelivery = (packet, to) => {
    log.push(`  ${to.from} to ${to.driver.name}: ${packet.id}`);
  };
  if (options.relays === true)
    queue.forceRelay = (driver) => driver.name !== "n0" && driver.name !== "n1";
}

/** Nothing is attached: neither handle types nor new routers are in the message. */
function isPlainParcel({ id, bytes }: Packet): boolean {
  if (id !== AcceptParcel.id) return false;
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  return view.getUint32(76, true) === 0 && view.getUint32(80, true) === 0;
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
