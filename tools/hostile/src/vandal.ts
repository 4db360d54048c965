/**
 * Another thread rewrites any word of a link's shared memory at any time, while parcels, portals and closures go over
 * that link: allocators, link states, reference counts, sizes, data. Both ends may lose the link; neither may crash,
 * stand still or keep anything, and other links do not notice.
 */
import { MessageChannel, Worker } from "node:worker_threads";
import {
  IPCZ_CONNECT_NODE_TO_BROKER,
  IPCZ_CREATE_NODE_AS_BROKER,
  type IpczDriver,
  type IpczHandle,
} from "@ipcz/api";
import { liveRouters, openHandles } from "@ipcz/core/inspect";
import { type MemDriver, memWorld, SeededRandom } from "@ipcz/driver-mem";
import { Application } from "./application.ts";
import { close, connect, createNode, must } from "./calls.ts";
import { type Failure, failureOf } from "./failure.ts";
import { HonestPair } from "./honest.ts";

/** Rewrites words of the newest buffers it was given; the first kilobyte, where most state is, more often. */
const SOURCE = `
  const { workerData: { port, seed, stop } } = require("node:worker_threads");
  const { receiveMessageOnPort } = require("node:worker_threads");
  let buffers = [], state = seed | 1;
  const next = () => { state ^= state << 13; state ^= state >>> 17; state ^= state << 5; return state >>> 0; };
  const special = [0, 1, -1, 3, 0x0f, 0x80000000 | 0, 0x7fffffff, 64, 65536];
  while (Atomics.load(stop, 0) === 0) {
    for (let m = receiveMessageOnPort(port); m; m = receiveMessageOnPort(port)) {
      buffers.push(new Int32Array(m.message));
      if (buffers.length > 3) buffers.shift();
    }
    if (buffers.length === 0) { Atomics.wait(stop, 0, 0, 1); continue; }
    const burst = next() % 64;
    for (let i = 0; i < burst; i++) {
      const words = buffers[next() % buffers.length];
      const at = next() % (next() % 2 ? Math.min(words.length, 700) : words.length);
      const how = next() % 4;
      if (how === 0) Atomics.store(words, at, special[next() % special.length]);
      else if (how === 1) Atomics.xor(words, at, 1 << (next() % 32));
      else if (how === 2) Atomics.add(words, at, (next() % 3) - 1);
      else Atomics.store(words, at, next() | 0);
    }
    Atomics.add(stop, 1, burst);
    if (next() % 4 === 0) Atomics.wait(stop, 0, 0, next() % 2);
  }`;

export interface VandalReport {
  /** Links built, used and taken down. */
  readonly links: number;
  /** Steps of the applications at both ends. */
  readonly steps: number;
  /** Words rewritten. */
  readonly words: number;
  readonly failures: readonly Failure[];
}

const STEPS_PER_LINK = 400;
const FAILURES_MAX = 5;

/** The driver, which tells of all shared memory it maps. */
function tapped(driver: MemDriver, tell: (buffer: SharedArrayBuffer) => void): IpczDriver {
  return {
    ...driver,
    MapSharedMemory(memory, flags, options, address, mapping) {
      const result = driver.MapSharedMemory(memory, flags, options, address, mapping);
      const { buffer } = address.value;
      if (result === 0 && buffer instanceof SharedArrayBuffer) tell(buffer);
      return result;
    },
  };
}

export class Vandalism {
  private readonly seed: number;
  private readonly world = memWorld({ schedule: "sync" });
  private readonly drivers = [
    this.world.driver("victim"),
    this.world.driver("honest"),
    this.world.driver("other"),
  ] as const;
  private readonly victim: IpczHandle;
  private readonly honest: IpczHandle;
  private readonly pair: HonestPair;
  private steps = 0;

  constructor(seed: number) {
    this.seed = seed;
    const [victimDriver, honestDriver] = this.drivers;
    this.victim = createNode(victimDriver, IPCZ_CREATE_NODE_AS_BROKER);
    this.honest = createNode(honestDriver, 0);
    const [ours, theirs] = this.world.connect(victimDriver, honestDriver);
    const [a] = connect(this.victim, ours, 1, 0);
    const [b] = connect(this.honest, theirs, 1, IPCZ_CONNECT_NODE_TO_BROKER);
    must(a !== undefined && b !== undefined, "honest nodes connect");
    this.pair = new HonestPair(this.victim, a, b);
  }

  /** Goes on for `seconds`, or until `linksMax` links have been used. */
  async run(
    seconds: number,
    linksMax: number = Infinity,
    alive?: () => void,
  ): Promise<VandalReport> {
    const stop = new Int32Array(new SharedArrayBuffer(8));
    const { port1, port2 } = new MessageChannel();
    const workerData = { port: port2, seed: this.seed, stop };
    const worker = new Worker(SOURCE, { eval: true, workerData, transferList: [port2] });
    const failures: Failure[] = [];
    const end = Date.now() + seconds * 1000;
    let links = 0;
    this.pair.checkTransfer();
    const baseline = this.level();
    while (Date.now() < end && links < linksMax && failures.length < FAILURES_MAX) {
      try {
        this.link(links, port1, baseline);
      } catch (error) {
        failures.push(failureOf(links, error));
        break;
      }
      links++;
      alive?.();
      if (links % 16 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    Atomics.store(stop, 0, 1);
    await new Promise((resolve) => worker.once("exit", resolve));
    port1.close();
    close(this.victim);
    close(this.honest);
    return { links, steps: this.steps, words: Atomics.load(stop, 1), failures };
  }

  private link(
    number: number,
    port: { postMessage(buffer: SharedArrayBuffer): void },
    baseline: string,
  ): void {
    const [victimDriver, , otherDriver] = this.drivers;
    const random = new SeededRandom(this.seed * 65_536 + number, 11);
    const node = createNode(
      tapped(otherDriver, (buffer) => {
        port.postMessage(buffer);
      }),
      0,
    );
    const [ours, theirs] = this.world.connect(victimDriver, otherDriver);
    const near = new Application(this.victim, connect(this.victim, ours, 3, 0), random, false);
    const far = new Application(
      node,
      connect(node, theirs, 3, IPCZ_CONNECT_NODE_TO_BROKER),
      random,
      false,
    );
    for (let i = 0; i < STEPS_PER_LINK; i++) {
      near.step();
      far.step();
      if (i % 20 === 0) this.pair.check();
    }
    this.steps += 2 * STEPS_PER_LINK;
    near.end();
    far.end();
    close(node);
    this.pair.check();
    this.pair.checkTransfer();
    const now = this.level();
    must(now === baseline, `something is left behind: ${now} instead of ${baseline}`);
  }

  private level(): string {
    const { transports, memories, mappings } = this.world.liveObjects();
    return `${liveRouters()} routers, ${openHandles()} handles, ${transports} transports, ${memories} memories, ${mappings} mappings`;
  }
}
