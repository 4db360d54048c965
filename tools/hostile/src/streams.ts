/**
 * Hostile streams over real sockets: bytes and descriptors in every wrong form, against nodes over driver-posix.
 *
 * Streams run a few at a time. After each batch the honest link works, and descriptors and objects are back where
 * they were.
 */
import { closeSync, openSync, readdirSync } from "node:fs";
import {
  IPCZ_CONNECT_NODE_TO_BROKER,
  IPCZ_CREATE_NODE_AS_BROKER,
  type IpczDriverHandle,
  type IpczHandle,
  type Out,
} from "@ipcz/api";
import { SeededRandom } from "@ipcz/driver-mem";
import { posixDriver, type PosixDriver } from "@ipcz/driver-posix";
import { liveRouters } from "@ipcz/core/inspect";
import { close, connect, createNode, get, Harm, must, put } from "./calls.ts";
import { readSocketStories, type SocketStory } from "./captures.ts";
import type { Failure } from "./campaign.ts";
import type { ObjectKind } from "./compose.ts";
import { pick } from "./knowledge.ts";
import { initPrimary } from "./primary.ts";
import { RawSocket } from "./raw-socket.ts";
import { type Portion, type Shape, SHAPES, shapeStream } from "./stream-shapes.ts";

export interface StreamOptions {
  readonly seed: number;
  readonly streams: number;
  readonly progress?: (streams: number) => void;
}

export interface StreamReport {
  readonly streams: number;
  readonly byShape: Readonly<Record<string, number>>;
  readonly failures: readonly Failure[];
}

const BATCH = 16;
const TURNS_MAX = 20_000;
const PROGRESS_EVERY = 2048;

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

function cell(): Out<IpczDriverHandle> {
  return { value: 0 as IpczDriverHandle };
}

interface Stream {
  readonly socket: RawSocket;
  readonly portions: Portion[];
  readonly portals: readonly IpczHandle[];
  readonly node: IpczHandle | null;
}

export class StreamCampaign {
  private readonly options: StreamOptions;
  private readonly driver: PosixDriver = posixDriver({ lingerMs: 0 });
  private readonly stories: readonly SocketStory[] = readSocketStories();
  private readonly wrong: readonly number[];
  private readonly memories = new Map<number, number>();
  private readonly broker: IpczHandle;
  private readonly member: IpczHandle;
  private readonly pair: readonly [IpczHandle, IpczHandle];
  private readonly failures: Failure[] = [];
  private readonly byShape: Record<string, number> = {};
  private count = 0;
  private number = 0;

  constructor(options: StreamOptions) {
    this.options = options;
    this.wrong = [
      openSync("/dev/null", "r"),
      openSync("/dev/zero", "r+"),
      openSync("/", "r"),
      openSync("/proc/self/maps", "r"),
    ];
    this.broker = createNode(this.driver, IPCZ_CREATE_NODE_AS_BROKER);
    this.member = createNode(this.driver, 0);
    const [ours, theirs] = this.transports();
    const [a] = connect(this.broker, ours, 1, 0);
    const [b] = connect(this.member, theirs, 1, IPCZ_CONNECT_NODE_TO_BROKER);
    must(a !== undefined && b !== undefined, "honest nodes connect");
    this.pair = [a, b];
  }

  async run(): Promise<StreamReport> {
    const { seed, streams, progress } = this.options;
    await this.checkHonest();
    for (const size of [64, 4096, 8192, 65_536, 131_072]) this.memory(size);
    const baseline = this.level();
    while (this.count < streams && this.failures.length < 5) {
      const first = this.count;
      try {
        await this.batch(Math.min(BATCH, streams - first), seed, baseline);
      } catch (error) {
        const what = error instanceof Error ? (error.stack ?? error.message) : String(error);
        this.failures.push({ attack: first, what });
        if (!(error instanceof Harm)) break;
      }
      if (this.count % PROGRESS_EVERY === 0) progress?.(this.count);
    }
    this.end();
    return { streams: this.count, byShape: this.byShape, failures: this.failures };
  }

  private transports(): [IpczDriverHandle, IpczDriverHandle] {
    const [ours, theirs] = [cell(), cell()];
    const none = 0 as IpczDriverHandle;
    must(
      this.driver.CreateTransports(none, none, 0, null, ours, theirs) === 0,
      "a driver makes transports",
    );
    return [ours.value, theirs.value];
  }

  /** A descriptor of memory of this size, kept for all streams. */
  private memory(numBytes: number): number {
    const known = this.memories.get(numBytes);
    if (known !== undefined) return known;
    const memory = cell();
    must(this.driver.AllocateSharedMemory(numBytes, 0, null, memory) === 0, "memory is allocated");
    if (numBytes === 131_072) {
      const view: Out<Uint8Array> = { value: new Uint8Array(0) };
      const mapping = cell();
      this.driver.MapSharedMemory(memory.value, 0, null, view, mapping);
      initPrimary(view.value);
      this.driver.Close(mapping.value, 0, null);
    }
    const number = this.driver.descriptorOf(memory.value);
    this.memories.set(numBytes, number);
    return number;
  }

  private level(): string {
    const { transports, memories, mappings, descriptors } = this.driver.liveObjects();
    const open = readdirSync("/proc/self/fd").length;
    return `${open} open descriptors, ${transports} transports, ${memories} memories, ${mappings} mappings, ${descriptors} carried, ${liveRouters()} routers`;
  }

  private async batch(count: number, seed: number, baseline: string): Promise<void> {
    const random = new SeededRandom(seed * 65_536 + this.count, 9);
    const streams = Array.from({ length: count }, () => this.open(random));
    this.count += count;
    for (let busy = true; busy;) {
      busy = false;
      for (const stream of streams) if (this.write(stream)) busy = true;
      await turn();
    }
    await this.checkHonest();
    for (const { socket } of streams) socket.close();
    for (const { portals } of streams) for (const portal of portals) close(portal);
    for (const { node } of streams) if (node !== null) close(node);
    await this.checkHonest();
    for (let i = 0; this.level() !== baseline; i++) {
      must(i < TURNS_MAX, `something is left behind: ${this.level()} instead of ${baseline}`);
      await turn();
    }
  }

  private open(random: SeededRandom): Stream {
    const shape: Shape = pick(random, SHAPES) ?? "noise";
    this.byShape[shape] = (this.byShape[shape] ?? 0) + 1;
    const [ours, theirs] = this.transports();
    const socket = new RawSocket(this.driver.releaseDescriptor(theirs));
    const asBroker = random.chance(0.5);
    const node = asBroker ? createNode(this.driver, 0) : null;
    const flags = asBroker ? IPCZ_CONNECT_NODE_TO_BROKER : 0;
    const portals = connect(node ?? this.broker, ours, 2, flags);
    const fitting = this.stories.filter(({ firstId }) => firstId === (asBroker ? 0 : 1));
    const story = pick(random, fitting) ?? { firstId: 0, frames: [] };
    return { socket, portions: shapeStream(story, shape, random), portals, node };
  }

  /** False when there is nothing left to write. */
  private write({ socket, portions }: Stream): boolean {
    const portion = portions.shift();
    if (!portion) return false;
    const made: number[] = [];
    const descriptors = portion.descriptors.map((kind) => this.descriptor(kind, made));
    const sent = socket.send(portion.bytes, descriptors);
    for (const descriptor of made) closeSync(descriptor);
    if (!sent) portions.length = 0;
    return sent;
  }

  private descriptor(kind: ObjectKind | "wrong", made: number[]): number {
    this.number++;
    if (kind === "wrong") return this.wrong[this.number % this.wrong.length] ?? 0;
    if (kind !== "transport")
      return this.memory([64, 4096, 8192, 65_536, 131_072].find((size) => size >= kind) ?? 64);
    const [ours, theirs] = this.transports();
    this.driver.Close(ours, 0, null);
    const descriptor = this.driver.releaseDescriptor(theirs);
    made.push(descriptor);
    return descriptor;
  }

  /** One parcel each way over the honest link. */
  private async checkHonest(): Promise<void> {
    const [a, b] = this.pair;
    this.number++;
    const bytes = new Uint8Array(Uint32Array.of(this.number).buffer);
    for (const [from, to] of [
      [a, b],
      [b, a],
    ] as const) {
      must(put(from, bytes) === 0, "an honest portal takes a parcel");
      let got = get(to);
      for (let i = 0; got.result !== 0; i++) {
        must(i < TURNS_MAX, "an honest parcel arrives");
        await turn();
        got = get(to);
      }
      must(Buffer.compare(got.bytes, bytes) === 0, "honest parcels arrive in order");
    }
  }

  private end(): void {
    for (const handle of [...this.pair, this.broker, this.member]) close(handle);
    for (const descriptor of this.wrong) closeSync(descriptor);
    this.driver.dispose();
  }
}
