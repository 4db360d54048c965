/**
 * Chooses the next step by seed, among what is possible now.
 */
import { SeededRandom } from "@ipcz/driver-mem";
import { type End, isIdle, isUnused, type Model } from "./model.ts";
import type { SimNetwork, SimNode } from "./network.ts";
import { REFUSED_OPERATIONS, type Setting, type Step, type Undelivered } from "./story.ts";

const WORKLOAD_STREAM = 11;
/** Ends that are held at the same time. */
const ENDS_MAX = 90;
/** A longer story has no more trouble than one of this many steps: it would soon have no network. */
const TROUBLE_STEPS = 300;
const SIZES = [0, 0, 8, 40, 300, 2000, 5000, 20_000] as const;
const UNDELIVERED: readonly Undelivered[] = ["drop", "keep", "prefix"];

/** What may befall a network: chances in a thousand steps of a short story. */
interface Trouble {
  readonly crash: number;
  readonly cut: number;
  readonly refuse: number;
}

const TROUBLES: readonly Trouble[] = [
  { crash: 0, cut: 0, refuse: 0 },
  { crash: 0, cut: 0, refuse: 0 },
  { crash: 0, cut: 0, refuse: 0 },
  { crash: 8, cut: 0, refuse: 0 },
  { crash: 0, cut: 8, refuse: 0 },
  { crash: 0, cut: 0, refuse: 15 },
  { crash: 4, cut: 6, refuse: 10 },
];

/** Steps by seed. */
export class Workload {
  private readonly random: SeededRandom;
  private readonly network: SimNetwork;
  private readonly model: Model;
  private readonly trouble: Trouble;
  private readonly troubleOutOf: number;
  /** Steps that are due before anything else. */
  private readonly due: Step[] = [];
  /** Of the steps between two deliveries, how many per cent are followed by one. */
  private readonly calm: number;
  private readonly lateAt: number;
  private late: Step | null = null;
  private nextEnd = 0;
  private taken = 0;

  constructor(setting: Setting, network: SimNetwork, model: Model) {
    this.random = new SeededRandom(setting.seed, WORKLOAD_STREAM);
    this.network = network;
    this.model = model;
    this.trouble = this.pick(TROUBLES) ?? { crash: 0, cut: 0, refuse: 0 };
    this.troubleOutOf = Math.max(1000, Math.round((1000 * setting.steps) / TROUBLE_STEPS));
    this.calm = [10, 30, 50, 80][this.random.below(4)] ?? 50;
    this.lateAt = this.random.below(setting.steps);
    this.plan();
  }

  /** The next step. */
  next(): Step {
    this.taken++;
    const due = this.due.shift();
    if (due) return due;
    if (this.late && this.taken > this.lateAt) {
      const late = this.late;
      this.late = null;
      return late;
    }
    if (this.random.below(100) < this.calm)
      return { do: "deliver", count: 1 + this.random.below(12) };
    return this.befall() ?? this.work() ?? { do: "deliver", count: 5 };
  }

  /** How the nodes get together. */
  private plan(): void {
    const { nodes } = this.network;
    const brokers = nodes.filter(({ isBroker }) => isBroker);
    for (const [index, broker] of brokers.entries())
      for (const other of brokers.slice(0, index))
        this.due.push(this.join(broker, other, "brokers"));
    const members: SimNode[] = [];
    for (const node of nodes) {
      if (node.isBroker) continue;
      const referrer = this.random.chance(0.3) ? this.pick(members) : null;
      if (referrer) this.due.push(this.join(node, referrer, "referral"));
      else this.due.push(this.join(node, this.pick(brokers) ?? node, "broker"));
      members.push(node);
    }
    if (members.length > 1 && this.random.chance(0.3)) this.late = this.due.pop() ?? null;
    for (const { index } of nodes) this.due.push(this.open(index));
    if (this.random.chance(0.3)) this.due.push({ do: "delay", percent: 30, stepsMax: 40 });
  }

  private join(node: SimNode, to: SimNode, how: "brokers" | "broker" | "referral"): Step {
    const portals = 1 + this.random.below(3);
    const delegate = this.random.chance(0.2);
    const end = this.takeEnds(2 * portals);
    return { do: "join", node: node.index, to: to.index, how, portals, delegate, end };
  }

  private open(node: number): Step {
    return { do: "open", node, level: 1 + this.random.below(2), end: this.takeEnds(2) };
  }

  private takeEnds(count: number): number {
    const first = this.nextEnd;
    this.nextEnd += count;
    return first;
  }

  private befall(): Step | null {
    const kind = this.random.below(this.troubleOutOf);
    const { crash, cut, refuse } = this.trouble;
    const node = this.pick(this.network.nodes.filter(({ crashed }) => !crashed))?.index ?? 0;
    const undelivered = this.pick(UNDELIVERED) ?? "drop";
    if (kind < crash) return { do: "crash", node, undelivered };
    if (kind < crash + cut) return { do: "cut", node, line: this.random.below(16), undelivered };
    if (kind < crash + cut + refuse) {
      const operation = this.pick(REFUSED_OPERATIONS) ?? "AllocateSharedMemory";
      return { do: "refuse", node, operation, times: 1 + this.random.below(3) };
    }
    return null;
  }

  private work(): Step | null {
    const kind = this.random.below(100);
    if (kind < 30) return this.put();
    if (kind < 52) return this.move();
    if (kind < 66) return this.read();
    if (kind < 75) return this.openSome();
    if (kind < 81) return this.merge();
    if (kind < 86) return this.close();
    if (kind < 90) return this.begin();
    if (kind < 94) return this.end();
    if (kind < 97) return this.onEnd((end) => ({ do: "trap", end: end.id }));
    if (kind < 98) return { do: "rest" };
    return { do: "deliver", count: 40 };
  }

  private put(): Step | null {
    const remote = this.random.chance(0.8) ? this.held(isRemote) : null;
    return this.onEnd((any) => this.putInto(remote ?? any));
  }

  private putInto(end: End): Step {
    return {
      do: "put",
      end: end.id,
      bytes: this.pick(SIZES) ?? 0,
      boxes: this.random.chance(0.15) ? 1 + this.random.below(3) : 0,
      portals: [],
      wrapped: false,
    };
  }

  /** Sends a portal, sometimes with its peer, over a route of a lower level. */
  private move(): Step | null {
    const moved = this.held((end) => end.level > 0 && isIdle(end));
    if (!moved) return null;
    const carries = ({ node, level }: End): boolean => node === moved.node && level < moved.level;
    const carrier = this.held((end) => carries(end) && isRemote(end)) ?? this.held(carries);
    if (!carrier) return null;
    const portals = [moved.id];
    const { peer } = moved;
    if (peer?.state === "held" && peer.node === moved.node && isIdle(peer))
      if (this.random.chance(0.15)) portals.push(peer.id);
    return {
      do: "put",
      end: carrier.id,
      bytes: this.pick(SIZES) ?? 0,
      boxes: this.random.chance(0.1) ? 1 : 0,
      portals,
      wrapped: this.random.chance(0.2),
    };
  }

  private read(): Step | null {
    return this.onEnd(({ id }) => ({ do: "read", end: id, count: 1 + this.random.below(4) }));
  }

  private openSome(): Step | null {
    if (this.model.allHeld().length >= ENDS_MAX) return null;
    const node = this.pick(this.network.nodes.filter(({ crashed }) => !crashed));
    return node ? this.open(node.index) : null;
  }

  private merge(): Step | null {
    const a = this.held(isMergeable);
    if (!a) return null;
    const b = this.held(
      (end) =>
        isMergeable(end) &&
        end !== a &&
        end !== a.peer &&
        end.node === a.node &&
        end.level === a.level,
    );
    return b && { do: "merge", end: a.id, with: b.id };
  }

  private close(): Step | null {
    const end = this.held(({ level }) => level > 0 || this.random.chance(0.01));
    return end && { do: "close", end: end.id };
  }

  private begin(): Step | null {
    const bytes = this.pick(SIZES) ?? 0;
    if (this.random.chance(0.5))
      return this.onEnd(({ id }) => ({ do: "begin-put", end: id, bytes }));
    const overlapped = this.random.chance(0.5);
    return this.onEnd(({ id, get }) =>
      get === null ? { do: "begin-get", end: id, overlapped } : null,
    );
  }

  private end(): Step | null {
    const end = this.held((held) => !isIdle(held));
    const abort = this.random.chance(0.2);
    if (!end) return null;
    const what = end.puts.length > 0 && this.random.chance(0.5) ? "end-put" : "end-get";
    return { do: what, end: end.id, abort };
  }

  private onEnd(step: (end: End) => Step | null): Step | null {
    const end = this.held(() => true);
    return end && step(end);
  }

  private held(accept: (end: End) => boolean): End | null {
    return this.pick(this.model.allHeld().filter(accept));
  }

  private pick<T>(list: readonly T[]): T | null {
    return list[this.random.below(Math.max(1, list.length))] ?? null;
  }
}

function isMergeable(end: End): boolean {
  return end.level > 0 && isUnused(end) && isIdle(end);
}

/** The peer is on another node, as far as is known. */
function isRemote({ node, peer }: End): boolean {
  return peer !== null && peer.node !== node;
}
