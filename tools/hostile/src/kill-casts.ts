/**
 * The situations in which processes are killed: who is there, who is connected with whom, which ways portals take, and
 * who dies.
 */
import {
  IPCZ_CONNECT_NODE_INHERIT_BROKER as INHERIT,
  IPCZ_CONNECT_NODE_SHARE_BROKER as SHARE,
  IPCZ_CONNECT_NODE_TO_ALLOCATION_DELEGATE as TO_DELEGATE,
  IPCZ_CONNECT_NODE_TO_BROKER as TO_BROKER,
} from "@ipcz/api";

/** A connection of two nodes, and what each of them says the other is. */
export interface Bond {
  readonly ends: readonly [string, string];
  readonly flags: readonly [number, number];
}

export interface Cast {
  readonly name: string;
  readonly brokers: readonly string[];
  readonly members: readonly string[];
  /** In the order in which each node connects. */
  readonly bonds: readonly Bond[];
  /** Portals go from the first node to the last one, by way of those between. */
  readonly ways: readonly (readonly string[])[];
  /** Who dies. All of a list die at once, at a step of its first. */
  readonly victims: readonly (readonly string[])[];
}

function bond(a: string, flagsA: number, b: string, flagsB: number): Bond {
  return { ends: [a, b], flags: [flagsA, flagsB] };
}

const joins = (broker: string, member: string): Bond => bond(broker, 0, member, TO_BROKER);
const refers = (referrer: string, newcomer: string): Bond =>
  bond(referrer, SHARE, newcomer, INHERIT);

/** Both ways. */
function between(...way: string[]): readonly (readonly string[])[] {
  return [way, way.toReversed()];
}

export const CASTS: readonly Cast[] = [
  {
    name: "broker and member",
    brokers: ["broker"],
    members: ["member"],
    bonds: [joins("broker", "member")],
    ways: between("broker", "member"),
    victims: [["broker"], ["member"]],
  },
  {
    name: "broker and member, seen by another member",
    brokers: ["broker"],
    members: ["member", "witness"],
    bonds: [joins("broker", "witness"), joins("broker", "member")],
    ways: [...between("broker", "member"), ["witness", "broker", "member"]],
    victims: [
      ["broker", "member"],
      ["member", "broker"],
    ],
  },
  {
    name: "two brokers",
    brokers: ["left", "right"],
    members: [],
    bonds: [bond("left", TO_BROKER, "right", TO_BROKER)],
    ways: between("left", "right"),
    victims: [["left"]],
  },
  {
    name: "two brokers, seen by a member",
    brokers: ["left", "right"],
    members: ["witness"],
    bonds: [joins("left", "witness"), bond("left", TO_BROKER, "right", TO_BROKER)],
    ways: [...between("left", "right"), ...between("witness", "left", "right")],
    victims: [["left"], ["right"], ["left", "right"], ["right", "left"]],
  },
  {
    name: "referral",
    brokers: ["broker"],
    members: ["referrer", "newcomer"],
    bonds: [joins("broker", "referrer"), refers("referrer", "newcomer")],
    ways: [...between("referrer", "newcomer"), ...between("broker", "referrer", "newcomer")],
    victims: [
      ["broker"],
      ["referrer"],
      ["newcomer"],
      ["referrer", "newcomer"],
      ["broker", "referrer"],
      ["broker", "newcomer"],
    ],
  },
  {
    name: "allocation delegate",
    brokers: ["delegate"],
    members: ["member", "witness"],
    bonds: [joins("delegate", "witness"), bond("delegate", 0, "member", TO_BROKER | TO_DELEGATE)],
    ways: [...between("delegate", "member"), ["witness", "delegate", "member"]],
    victims: [["delegate"], ["member"], ["member", "delegate"]],
  },
  {
    name: "bypass of the broker",
    brokers: ["y"],
    members: ["x", "z"],
    bonds: [joins("y", "x"), joins("y", "z")],
    ways: between("x", "y", "z"),
    victims: [["x"], ["y"], ["z"], ["x", "z"], ["y", "z"]],
  },
  {
    name: "bypass of a member",
    brokers: ["broker"],
    members: ["x", "y", "z"],
    bonds: [joins("broker", "x"), refers("x", "y"), refers("y", "z")],
    ways: between("x", "y", "z"),
    victims: [["x"], ["y"], ["z"], ["broker"], ["x", "z"], ["x", "y"], ["y", "z"]],
  },
];

/**
 * The victims of a cast whose deaths can be played on a system. On Windows who started a process has power over it, and
 * is believed by it, never the other way round. So there victims are bound to the living only, refer nobody, and are no
 * broker that would introduce those to each other who have started it.
 */
export function victimsOn(platform: string, cast: Cast): Cast["victims"] {
  if (platform !== "win32") return cast.victims;
  const isPair = cast.brokers.length + cast.members.length === 2;
  return cast.victims.filter((victims) =>
    cast.bonds.every(({ ends: [a, b], flags }) => {
      const introduces = !isPair && victims.includes(cast.brokers[0] ?? "");
      const isReferrer = victims.includes(a) && flags[0] === SHARE;
      return !introduces && !isReferrer && !(victims.includes(a) && victims.includes(b));
    }),
  );
}

export function castOf(name: string): Cast {
  const cast = CASTS.find((one) => one.name === name);
  if (!cast) throw new Error(`no cast of that name: ${name}`);
  return cast;
}

export function isBroker(cast: Cast, name: string): boolean {
  return cast.brokers.includes(name);
}
