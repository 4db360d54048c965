/**
 * Hostile streams over real sockets: bytes and descriptors in every wrong form, against nodes over driver-posix.
 *
 * Streams run a few at a time. After each batch the honest link works, and descriptors and objects are back where
 * they were.
 */
import { closeSync, openSync } from "node:fs";
import { IPCZ_CONNECT_NODE_TO_BROKER, type IpczHandle } from "@ipcz/api";
import { SeededRandom } from "@ipcz/driver-mem";
import type { PosixDriver } from "@ipcz/driver-posix";
import { close, connect, createNode, Harm } from "./calls.ts";
import { readSocketStories, type SocketStory } from "./captures.ts";
import { type Failure, failureOf } from "./failure.ts";
import { type Framing, mojoFraming, type Portion, socketFraming } from "./framing.ts";
import type { ObjectKind } from "./compose.ts";
import { HonestNetwork } from "./honest-network.ts";
import { pick } from "./knowledge.ts";
import { inMojoFrames, objectBeside } from "./mojo-objects.ts";
import { lanesWanted, openDriver } from "./open-driver.ts";
import { allocateMemory, PRIMARY_BYTES } from "./primary.ts";
import { RawSocket } from "./raw-socket.ts";
import { pickStory, shapesOf, shapeStream } from "./stream-shapes.ts";
import { turn } from "./turn.ts";

export interface StreamReport {
  readonly streams: number;
  readonly byShape: Readonly<Record<string, number>>;
  readonly failures: readonly Failure[];
}

const BATCH = 16;
const FAILURES_MAX = 5;
/** Memory of these sizes is sent. */
const MEMORY_SIZES = [64, 4096, 8192, 65_536, PRIMARY_BYTES];

interface Stream {
  readonly socket: RawSocket;
  readonly portions: Portion[];
  readonly portals: readonly IpczHandle[];
  readonly node: IpczHandle | null;
}

export class StreamCampaign {
  private readonly seed: number;
  private readonly alive: () => void;
  private readonly network: HonestNetwork<PosixDriver>;
  private readonly driver: PosixDriver;
  private readonly framing: Framing;
  private readonly stories: readonly SocketStory[];
  private readonly wrong: readonly number[];
  private readonly memories = new Map<number, number>();
  private readonly failures: Failure[] = [];
  private readonly byShape: Record<string, number> = {};
  private count = 0;
  private number = 0;

  constructor(
    seed: number,
    alive: () => void = () => undefined,
    codec: "reference" | "mojo" = "reference",
  ) {
    this.seed = seed;
    this.alive = alive;
    this.network = new HonestNetwork(openDriver({ lingerMs: 0, codec }));
    this.driver = this.network.driver;
    const stories = readSocketStories();
    this.framing = codec === "mojo" ? mojoFraming : socketFraming;
    this.stories =
      codec === "mojo" ? stories.map((story) => inMojoFrames(story, objectBeside, 1)) : stories;
    this.wrong = [
      openSync("/dev/null", "r"),
      openSync("/dev/zero", "r+"),
      openSync("/", "r"),
      openSync("/proc/self/maps", "r"),
    ];
    for (const size of MEMORY_SIZES) this.memory(size);
  }

  /** Goes on until there have been `streams` streams. */
  async run(streams: number): Promise<StreamReport> {
    await this.network.begin();
    while (this.count < streams && this.failures.length < FAILURES_MAX) {
      const first = this.count;
      try {
        await this.batch(Math.min(BATCH, streams - first));
        this.alive();
      } catch (error) {
        this.failures.push(failureOf(first, error));
        if (!(error instanceof Harm)) break;
      }
    }
    return { streams: this.count, byShape: this.byShape, failures: this.failures };
  }

  end(): void {
    this.network.end();
    for (const descriptor of this.wrong) closeSync(descriptor);
  }

  /** A descriptor of memory of this size, kept for all streams. */
  private memory(numBytes: number): number {
    const known = this.memories.get(numBytes);
    if (known !== undefined) return known;
    const number = this.driver.descriptorOf(allocateMemory(this.driver, numBytes));
    this.memories.set(numBytes, number);
    return number;
  }

  private async batch(count: number): Promise<void> {
    const random = new SeededRandom(this.seed * 65_536 + this.count, 9);
    const streams = Array.from({ length: count }, () => this.open(random));
    this.count += count;
    for (let busy = true; busy;) {
      busy = false;
      for (const stream of streams) if (this.write(stream)) busy = true;
      await turn();
    }
    await this.network.check();
    for (const { socket } of streams) socket.close();
    for (const { portals } of streams) for (const portal of portals) close(portal);
    for (const { node } of streams) if (node !== null) close(node);
    await this.network.check();
    await this.network.settle();
  }

  private open(random: SeededRandom): Stream {
    const shape = pick(random, shapesOf(this.framing)) ?? "noise";
    this.byShape[shape] = (this.byShape[shape] ?? 0) + 1;
    const [ours, theirs] = this.network.transports();
    const socket = new RawSocket(this.driver.releaseDescriptor(theirs));
    if (lanesWanted() && random.chance(0.5)) socket.announceLanes();
    const asBroker = random.chance(0.5);
    const node = asBroker ? createNode(this.driver, 0) : null;
    const flags = asBroker ? IPCZ_CONNECT_NODE_TO_BROKER : 0;
    const portals = connect(node ?? this.network.broker, ours, 2, flags);
    const story = pickStory(this.stories, asBroker, random);
    return { socket, portions: shapeStream(story, shape, this.framing, random), portals, node };
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
    if (kind !== "transport") return this.memory(MEMORY_SIZES.find((size) => size >= kind) ?? 64);
    const [ours, theirs] = this.network.transports();
    this.driver.Close(ours, 0, null);
    const descriptor = this.driver.releaseDescriptor(theirs);
    made.push(descriptor);
    return descriptor;
  }
}
