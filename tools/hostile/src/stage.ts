/**
 * Four honest nodes in one world, and the ways a hostile one can get a link with some of them.
 *
 * A broker with a node of its network, and the same again: each node is the victim of some attack, and each honest
 * link is checked after every attack. Delivery is synchronous: when an attack is over, nothing is pending.
 */
import {
  IPCZ_CONNECT_NODE_SHARE_BROKER,
  IPCZ_CONNECT_NODE_TO_BROKER,
  IPCZ_CREATE_NODE_AS_BROKER,
  type IpczHandle,
} from "@ipcz/api";
import { liveRouters, nodeName, openHandles } from "@ipcz/core/inspect";
import { messageById } from "@ipcz/core/wire";
import { type MemDriver, type MemWorld, memWorld, type SeededRandom } from "@ipcz/driver-mem";
import { close, connect, createNode, get, must, openPortals, put } from "./calls.ts";
import { compose, type Composed } from "./compose.ts";
import { HonestPair } from "./honest.ts";
import { HostileEnd } from "./hostile-end.ts";
import { Knowledge, nameBytes } from "./knowledge.ts";
import { plausible } from "./plausible.ts";
import { PRIMARY_BYTES } from "./primary.ts";

/** How the hostile side is linked with its victim. */
export const SCENES = [
  "a node of the victim's network",
  "a broker beside the victim, a broker",
  "the broker of the victim",
  "a node introduced to the victim",
  "a newcomer referred to the victim",
] as const;
export type SceneName = (typeof SCENES)[number];

/** One attack's surroundings. */
export interface Scene {
  readonly name: SceneName;
  readonly victim: "broker" | "non-broker";
  readonly hostile: "broker" | "non-broker";
  /** The node whose application serves `portals`. */
  readonly node: IpczHandle;
  readonly portals: readonly IpczHandle[];
  readonly known: Knowledge;
  /** The first is the one to the victim. */
  readonly ends: HostileEnd[];
  /** The first message of a decent peer, to be sent over the first end; null: the link is there. */
  readonly greeting: Composed | null;
  close(): void;
}

const PORTALS = 3;
/** Honest links may get more buffers when they carry much; that ends soon. */
const GROWTH_MAX = 16;

export class Stage {
  readonly world: MemWorld;
  private readonly victims: MemDriver;
  private readonly hostile: MemDriver;
  private readonly others: MemDriver;
  private readonly broker: IpczHandle;
  private readonly member: IpczHandle;
  private readonly broker2: IpczHandle;
  private readonly member2: IpczHandle;
  private readonly pairs: readonly HonestPair[];
  private readonly route: readonly [IpczHandle, IpczHandle];
  private readonly baseline: string;
  private readonly mappingsMax: number;
  private routers: number;
  private memories: number;

  constructor(seed: number) {
    this.world = memWorld({ schedule: "sync", seed, randomBytes: "seeded", scribble: true });
    this.victims = this.world.driver("victims");
    this.hostile = this.world.driver("hostile");
    this.others = this.world.driver("others");
    const { others } = this;
    this.broker = createNode(this.victims, IPCZ_CREATE_NODE_AS_BROKER);
    this.member = createNode(others, 0);
    this.broker2 = createNode(others, IPCZ_CREATE_NODE_AS_BROKER);
    this.member2 = createNode(this.victims, 0);
    const first = this.link(this.broker, this.victims, this.member, others);
    const second = this.link(this.broker2, others, this.member2, this.victims);
    this.pairs = [
      new HonestPair(this.broker, first[0], first[1]),
      new HonestPair(this.member2, second[1], second[0]),
    ];
    this.route = this.initialPortals(second);
    for (let i = 0; i < 3; i++) this.check(true);
    this.baseline = this.count();
    this.routers = liveRouters();
    this.memories = this.world.liveObjects().memories;
    this.mappingsMax = this.world.liveObjects().mappings + GROWTH_MAX;
  }

  /** Honest links work as if nothing had happened, and nothing is left behind. */
  check(transfer: boolean): void {
    for (const pair of this.pairs) {
      pair.check();
      if (transfer) pair.checkTransfer();
    }
  }

  /**
   * Routers may be left in one known case, and their number is answered: a parcel that waits for its sublink, and by a
   * bypass comes to be queued in a portal that it carries itself. Nobody can reach such a ring of portals.
   */
  checkNothingLeft(): number {
    const now = this.count();
    must(now === this.baseline, `something is left behind: ${now} instead of ${this.baseline}`);
    const { mappings, memories } = this.world.liveObjects();
    must(mappings <= this.mappingsMax, `${mappings} mappings are left behind`);
    const left = liveRouters() - this.routers;
    const boxes = memories - this.memories;
    must(left > 0 || boxes === 0, `${boxes} memories are left behind, and no ring of portals`);
    this.routers += left;
    this.memories += boxes;
    return left;
  }

  open(name: SceneName, random: SeededRandom): Scene {
    switch (name) {
      case "a node of the victim's network":
        return this.asMember(random);
      case "a broker beside the victim, a broker":
        return this.asBroker(random);
      case "the broker of the victim":
        return this.asItsBroker(random);
      case "a node introduced to the victim":
        return this.asPeer(random);
      case "a newcomer referred to the victim":
        return this.asNewcomer(random);
    }
  }

  end(): void {
    for (const node of [this.broker, this.member, this.broker2, this.member2]) close(node);
  }

  private initialPortals(second: readonly IpczHandle[]): readonly [IpczHandle, IpczHandle] {
    const [, , b = 0 as IpczHandle, n = 0 as IpczHandle] = second;
    return [b, n];
  }

  private link(
    broker: IpczHandle,
    brokerDriver: MemDriver,
    member: IpczHandle,
    memberDriver: MemDriver,
  ): [IpczHandle, IpczHandle, IpczHandle, IpczHandle] {
    const [t0, t1] = this.world.connect(brokerDriver, memberDriver);
    const [a, a2] = connect(broker, t0, 2, 0);
    const [b, b2] = connect(member, t1, 2, IPCZ_CONNECT_NODE_TO_BROKER);
    must(a !== undefined && b !== undefined, "honest nodes connect");
    must(a2 !== undefined && b2 !== undefined, "honest nodes connect");
    return [a, b, a2, b2];
  }

  private count(): string {
    const { transports } = this.world.liveObjects();
    must(
      Object.values(this.hostile.liveObjects()).every((count) => count === 0),
      "hostile drivers tidy up",
    );
    return `${openHandles()} handles, ${transports} transports`;
  }

  private scene(
    rest: Omit<Scene, "ends" | "known" | "close">,
    known: Knowledge,
    ends: HostileEnd[],
    more: readonly IpczHandle[] = [],
  ): Scene {
    const closeAll = (): void => {
      for (const end of ends) end.close();
      for (const handle of more) close(handle);
    };
    return { ...rest, known, ends, close: closeAll };
  }

  private asMember(random: SeededRandom): Scene {
    const known = new Knowledge(PORTALS);
    const ends: HostileEnd[] = [];
    const [ours, theirs] = this.world.connect(this.victims, this.hostile, "broker", "normal");
    const portals = connect(this.broker, ours, PORTALS, 0);
    HostileEnd.play(this.hostile, theirs, known, ends);
    known.addName(nameBytes(nodeName(this.member) ?? ""));
    const roles = { victim: "broker", hostile: "non-broker" } as const;
    const name = "a node of the victim's network";
    const greeting = greetingOf(1, known, random);
    return this.scene({ name, ...roles, node: this.broker, portals, greeting }, known, ends);
  }

  private asBroker(random: SeededRandom): Scene {
    const known = new Knowledge(PORTALS);
    const ends: HostileEnd[] = [];
    const [ours, theirs] = this.world.connect(this.victims, this.hostile, "broker", "broker");
    const portals = connect(this.broker, ours, PORTALS, IPCZ_CONNECT_NODE_TO_BROKER);
    HostileEnd.play(this.hostile, theirs, known, ends);
    known.addName(nameBytes(nodeName(this.member) ?? ""));
    const roles = { victim: "broker", hostile: "broker" } as const;
    const name = "a broker beside the victim, a broker";
    const greeting = greetingOf(7, known, random);
    return this.scene({ name, ...roles, node: this.broker, portals, greeting }, known, ends);
  }

  /** The victim's own network is lost with its broker, so it is a node for itself. */
  private asItsBroker(random: SeededRandom): Scene {
    const known = new Knowledge(PORTALS);
    const ends: HostileEnd[] = [];
    const node = createNode(this.victims, 0);
    const [ours, theirs] = this.world.connect(this.victims, this.hostile, "normal", "broker");
    const portals = connect(node, ours, PORTALS, IPCZ_CONNECT_NODE_TO_BROKER);
    HostileEnd.play(this.hostile, theirs, known, ends);
    const roles = { victim: "non-broker", hostile: "broker" } as const;
    const greeting = greetingOf(0, known, random);
    if (random.chance(0.4)) portals.push(...this.refer(node, known, ends));
    const name = "the broker of the victim";
    return this.scene({ name, ...roles, node, portals, greeting }, known, ends, [node]);
  }

  /** `node` refers a newcomer to its broker, both hostile. */
  private refer(node: IpczHandle, known: Knowledge, ends: HostileEnd[]): IpczHandle[] {
    const [ours, theirs] = this.world.connect(this.victims, this.hostile, "normal", "normal");
    HostileEnd.play(this.hostile, theirs, known, ends);
    return connect(node, ours, 2, IPCZ_CONNECT_NODE_SHARE_BROKER);
  }

  /** The broker introduces the hostile node, then passes a portal of the victim's on to it. */
  private asPeer(random: SeededRandom): Scene {
    const known = new Knowledge(1);
    const ends: HostileEnd[] = [];
    const [ours, theirs] = this.world.connect(this.others, this.hostile);
    const [toHostile = 0 as IpczHandle] = connect(this.broker2, ours, 1, 0);
    const brokerEnd = HostileEnd.play(this.hostile, theirs, known, ends);
    brokerEnd.send(greetingOf(1, known, random));
    const victimName = nameBytes(nodeName(this.member2) ?? "");
    known.addName(victimName);
    brokerEnd.send(
      composeWith(10, (view, at) => {
        for (let i = 0; i < 16; i++) view.setUint8(at + i, victimName[i] ?? 0);
      }),
    );
    const { introduction } = brokerEnd;
    must(introduction !== null, "a broker introduces its nodes");
    brokerEnd.introduction = null;
    const end = HostileEnd.play(this.hostile, introduction.transport, known, ends);
    end.memories.push(introduction.memory);
    ends.reverse();
    const portals = [this.routeThroughBroker(toHostile)];
    const roles = { victim: "non-broker", hostile: "non-broker" } as const;
    const name = "a node introduced to the victim";
    return this.scene(
      { name, ...roles, node: this.member2, portals, greeting: null },
      known,
      ends,
      [toHostile],
    );
  }

  private routeThroughBroker(toHostile: IpczHandle): IpczHandle {
    const [brokerSide, memberSide] = this.route;
    const [kept, sent] = openPortals(this.member2);
    must(put(memberSide, new Uint8Array(1), [sent]) === 0, "a portal goes to the broker");
    const [arrived] = get(brokerSide).handles;
    must(arrived !== undefined, "a portal arrives at the broker");
    if (put(toHostile, new Uint8Array(1), [arrived]) !== 0) close(arrived);
    return kept;
  }

  private asNewcomer(random: SeededRandom): Scene {
    const known = new Knowledge(PORTALS);
    const ends: HostileEnd[] = [];
    const [ours, theirs] = this.world.connect(this.others, this.hostile, "normal", "normal");
    HostileEnd.play(this.hostile, theirs, known, ends);
    const portals = connect(this.member, ours, PORTALS, IPCZ_CONNECT_NODE_SHARE_BROKER);
    known.addName(nameBytes(nodeName(this.member) ?? ""));
    const roles = { victim: "broker", hostile: "non-broker" } as const;
    const name = "a newcomer referred to the victim";
    const greeting = greetingOf(3, known, random);
    return this.scene({ name, ...roles, node: this.member, portals, greeting }, known, ends);
  }
}

function composeWith(id: number, write: (view: DataView, at: number) => void): Composed {
  const message = messageById(id);
  if (!message) throw new Error("a message of the protocol");
  return compose(message, write, () => ({ bytes: new Uint8Array(0), count: 0 }), []);
}

/** A greeting in good order, with names that are new. */
function greetingOf(id: number, known: Knowledge, random: SeededRandom): Composed {
  const message = messageById(id);
  if (!message) throw new Error("a message of the protocol");
  const greeting = plausible(message, known, random);
  const view = new DataView(greeting.bytes.buffer);
  for (const { kind, offset, name } of greeting.fields) {
    if (kind === "u32" && name === "numInitialPortals")
      view.setUint32(offset, 1 + random.below(4), true);
    if (kind !== "nodeName") continue;
    for (let i = 0; i < 16; i++) view.setUint8(offset + i, 1 + random.below(255));
    known.addName(greeting.bytes.subarray(offset, offset + 16));
  }
  const objects = greeting.objects.map((kind) => (kind === "transport" ? kind : PRIMARY_BYTES));
  return { ...greeting, objects };
}
