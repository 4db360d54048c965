/**
 * Another process rewrites the memory of a link over driver-posix at any time, while parcels, portals and closures go
 * over that link: allocators, link states, reference counts, data. Both ends may lose the link; neither may crash,
 * stand still or keep anything, and other links do not notice.
 */
import type { ChildProcess } from "node:child_process";
import process from "node:process";
import { type IpczDriver, type IpczDriverHandle, type IpczHandle, type Out } from "@ipcz/api";
import { SeededRandom } from "@ipcz/driver-mem";
import { Application } from "./application.ts";
import { close, must } from "./calls.ts";
import { type Failure, failureOf } from "./failure.ts";
import { childScript } from "./child-script.ts";
import { HonestNetwork } from "./honest-network.ts";
import { openDriver } from "./open-driver.ts";
import { turn, until } from "./turn.ts";
import type { VandalReport } from "./vandal.ts";

const STEPS_PER_LINK = 400;
const STEPS_PER_TURN = 4;
const STEPS_PER_CHECK = 100;
const FAILURES_MAX = 5;
const LEDGER_BYTES = 4096;

/** Hands memory to the vandal. */
class Vandal {
  private readonly network: HonestNetwork;
  private readonly child: ChildProcess;
  private readonly transport: IpczDriverHandle;
  private readonly ledger: BigUint64Array;
  private readonly mapping: IpczDriverHandle;
  private gone = false;

  constructor(network: HonestNetwork, seed: number) {
    this.network = network;
    const { driver } = network;
    const args = childScript("vandal-peer.js", String(seed));
    const stdio = ["ignore", "ignore", "inherit"] as ("ignore" | "inherit")[];
    const spawned = driver.spawnWithTransport(process.execPath, args, { stdio });
    this.child = spawned.child;
    this.transport = spawned.transport;
    this.child.once("exit", () => {
      this.gone = true;
    });
    const memory: Out<IpczDriverHandle> = { value: 0 as IpczDriverHandle };
    must(driver.AllocateSharedMemory(LEDGER_BYTES, 0, null, memory) === 0, "a ledger is made");
    const view: Out<Uint8Array> = { value: new Uint8Array(0) };
    const mapping: Out<IpczDriverHandle> = { value: 0 as IpczDriverHandle };
    must(driver.MapSharedMemory(memory.value, 0, null, view, mapping) === 0, "a ledger is mapped");
    this.ledger = new BigUint64Array(view.value.buffer, 0, 1);
    this.mapping = mapping.value;
    this.give(memory.value);
    driver.Close(memory.value, 0, null);
  }

  /** Words rewritten so far. */
  get words(): number {
    return Number(Atomics.load(this.ledger, 0));
  }

  /** Until the vandal has rewritten `count` more words: everybody has been under attack. */
  async worked(count: number): Promise<void> {
    const before = this.words;
    await until(() => this.words >= before + count, "the vandal works");
    must(!this.gone, "the vandal lives");
  }

  /** A second handle to `memory` goes to the other process. */
  give(memory: IpczDriverHandle): void {
    const { driver } = this.network;
    const none = 0 as IpczDriverHandle;
    const copy: Out<IpczDriverHandle> = { value: none };
    must(driver.DuplicateSharedMemory(memory, 0, null, copy) === 0, "memory is duplicated");
    const bytes = new Uint8Array(64);
    const handles: IpczDriverHandle[] = [none];
    const [numBytes, numHandles] = [{ value: bytes.length }, { value: 1 }] as const;
    const { transport } = this;
    const result = driver.Serialize(
      copy.value,
      transport,
      0,
      null,
      bytes,
      numBytes,
      handles,
      numHandles,
    );
    must(result === 0, "memory can travel");
    driver.Transmit(transport, bytes, numBytes.value, handles, numHandles.value, 0, null);
  }

  async end(): Promise<void> {
    this.network.driver.Close(this.transport, 0, null);
    this.network.driver.Close(this.mapping, 0, null);
    await until(() => this.gone, "the vandal goes when it is hung up on");
  }
}

export class ProcessVandalism {
  private readonly seed: number;
  private readonly network = new HonestNetwork(openDriver());
  private readonly vandal: Vandal;
  private readonly failures: Failure[] = [];
  private links = 0;
  private steps = 0;

  constructor(seed: number) {
    this.seed = seed;
    this.vandal = new Vandal(this.network, seed);
  }

  /** Goes on for `seconds`, or until there have been `linksMax` links; can go on again. */
  async run(
    seconds: number,
    linksMax: number = Infinity,
    alive?: () => void,
  ): Promise<VandalReport> {
    const end = Date.now() + seconds * 1000;
    await this.network.begin();
    while (Date.now() < end && this.links < linksMax && this.failures.length < FAILURES_MAX) {
      try {
        await this.link();
      } catch (error) {
        this.failures.push(failureOf(this.links, error));
        break;
      }
      this.links++;
      alive?.();
    }
    const { links, steps, failures } = this;
    return { links, steps, words: this.vandal.words, failures };
  }

  async end(): Promise<void> {
    await this.vandal.end();
    this.network.end();
  }

  private async link(): Promise<void> {
    const { broker, driver } = this.network;
    const random = new SeededRandom(this.seed * 65_536 + this.links, 13);
    const { node, near, far } = this.network.join(3, this.tapped(driver));
    await this.use(
      new Application(broker, near, random, false),
      new Application(node, far, random, false),
      node,
    );
    await this.network.check();
    await this.network.settle();
  }

  private async use(near: Application, far: Application, node: IpczHandle): Promise<void> {
    for (let i = 1; i <= STEPS_PER_LINK; i++) {
      near.step();
      far.step();
      if (i % STEPS_PER_TURN === 0) await turn();
      if (i % STEPS_PER_CHECK === 0) {
        await this.network.check();
        await this.vandal.worked(1);
      }
    }
    this.steps += 2 * STEPS_PER_LINK;
    near.end();
    far.end();
    close(node);
  }

  /** The driver, which gives the vandal all shared memory it maps. */
  private tapped(driver: IpczDriver): IpczDriver {
    return {
      ...driver,
      MapSharedMemory: (memory, flags, options, address, mapping) => {
        const result = driver.MapSharedMemory(memory, flags, options, address, mapping);
        if (result === 0) this.vandal.give(memory);
        return result;
      },
    };
  }
}
