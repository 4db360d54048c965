import {
  type IpczDriverHandle,
  IPCZ_CONNECT_NODE_TO_BROKER,
  IPCZ_CREATE_NODE_AS_BROKER,
  type IpczHandle,
  IPCZ_RESULT_FAILED_PRECONDITION,
  IPCZ_RESULT_INVALID_ARGUMENT,
  IPCZ_RESULT_OK,
} from "@ipcz/api";
import { type MemDriver, type MemWorld, memWorld } from "@ipcz/driver-mem";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  getAPI,
  type NetworkObserver,
  setNetworkObserver,
  watchPortalHandshake,
} from "../../src/index.ts";
import { nodeName } from "../../src/inspect/index.ts";

const api = getAPI();

interface Member {
  readonly node: IpczHandle;
  readonly driver: MemDriver;
}

const NONE = 0 as IpczHandle;
let world: MemWorld;
let opened: IpczHandle[];
let story: string[];

function member(name: string, flags = 0): Member {
  const node = { value: NONE };
  const driver = world.driver(name);
  api.CreateNode(driver, flags, null, node);
  opened.push(node.value);
  return { node: node.value, driver };
}

function connectNode(of: Member, transport: IpczDriverHandle, flags: number): IpczHandle {
  const portals: IpczHandle[] = [];
  expect(api.ConnectNode(of.node, transport, 1, flags, null, portals)).toBe(IPCZ_RESULT_OK);
  opened.push(portals[0] ?? NONE);
  return portals[0] ?? NONE;
}

function join(broker: Member, other: Member): [atBroker: IpczHandle, atOther: IpczHandle] {
  const [near, far] = world.connect(broker.driver, other.driver);
  return [connectNode(broker, near, 0), connectNode(other, far, IPCZ_CONNECT_NODE_TO_BROKER)];
}

function openPair(of: Member): [IpczHandle, IpczHandle] {
  const [first, second] = [{ value: NONE }, { value: NONE }];
  api.OpenPortals(of.node, 0, null, first, second);
  opened.push(first.value, second.value);
  return [first.value, second.value];
}

function give(through: IpczHandle, portal: IpczHandle): void {
  expect(api.Put(through, null, 0, [portal], 1, 0, null)).toBe(IPCZ_RESULT_OK);
}

function take(from: IpczHandle): IpczHandle {
  const handles = [NONE];
  expect(api.Get(from, 0, null, null, null, handles, { value: 1 }, null)).toBe(IPCZ_RESULT_OK);
  opened.push(handles[0] ?? NONE);
  return handles[0] ?? NONE;
}

function teller(): NetworkObserver {
  return {
    connected: (_local, _remote, isBroker, introduced) =>
      story.push(`connected ${isBroker ? "broker" : "member"}${introduced ? ", introduced" : ""}`),
    disconnected: () => story.push("disconnected"),
    introduction: (step) => story.push(`introduction ${step}`),
    transferred: (step) => story.push(`portal ${step}`),
    bypass: (step) => story.push(`bypass ${step}`),
    closure: (step) => story.push(`portal ${step}`),
    rejected: (what) => story.push(`${what} rejected`),
  };
}

/** What was told since the last time. */
function told(): string[] {
  return story.splice(0);
}

beforeEach(() => {
  world = memWorld({ schedule: "seeded" });
  opened = [];
  story = [];
});

afterEach(() => {
  setNetworkObserver(null);
  for (const handle of opened) api.Close(handle, 0, null);
  world.runUntilIdle();
});

describe("an observer of the network", () => {
  it("is told of connections, and of who they lead to", () => {
    const seen: string[][] = [];
    setNetworkObserver({
      ...teller(),
      connected: (...facts) => seen.push(facts.map(String)),
      disconnected: (...facts) => seen.push(facts.map(String)),
    });
    const [a, b] = [member("a", IPCZ_CREATE_NODE_AS_BROKER), member("b")];
    join(a, b);
    world.runUntilIdle();
    const [nameA = "", nameB = ""] = [nodeName(a.node), nodeName(b.node)].map(String);
    expect(seen.splice(0)).toEqual(
      expect.arrayContaining([
        [nameA, nameB, "false", "false"],
        [nameB, nameA, "true", "false"],
      ]),
    );
    api.Close(b.node, 0, null);
    world.runUntilIdle();
    const ended = seen.map((names) => names.join(" "));
    expect(new Set(ended)).toEqual(new Set([`${nameA} ${nameB}`, `${nameB} ${nameA}`]));
  });

  it("is told of a portal that travels, the introduction it needs and the bypass that follows", () => {
    const broker = member("broker", IPCZ_CREATE_NODE_AS_BROKER);
    const [a, b] = [member("a"), member("b")];
    const [atBrokerToA, atA] = join(broker, a);
    const [atBrokerToB, atB] = join(broker, b);
    world.runUntilIdle();
    const [stays, goes] = openPair(a);
    setNetworkObserver(teller());
    give(atA, goes);
    expect(told()).toEqual(["portal split"]);
    world.runUntilIdle();
    expect(told()).toContain("portal arrived");
    give(atBrokerToB, take(atBrokerToA));
    world.runUntilIdle();
    const events = told();
    for (const event of [
      "portal proxied",
      "portal arrived",
      "bypass begun",
      "introduction requested",
      "introduction made",
      "introduction accepted",
      "connected member, introduced",
      "bypass finished",
    ])
      expect(events).toContain(event);
    api.Close(stays, 0, null);
    expect(told()).toEqual(["portal closed"]);
    world.runUntilIdle();
    take(atB);
    expect(told()).toContain("portal peer-closed");
  });

  it("is told of routes that are cut", () => {
    const [a, b] = [member("a", IPCZ_CREATE_NODE_AS_BROKER), member("b")];
    join(a, b);
    world.runUntilIdle();
    setNetworkObserver(teller());
    b.driver.crash();
    world.runUntilIdle();
    expect(told()).toEqual(expect.arrayContaining(["portal lost", "disconnected"]));
  });

  it("is told of parcels that the application rejects", () => {
    const [a, b] = [member("a", IPCZ_CREATE_NODE_AS_BROKER), member("b")];
    const [atA, atB] = join(a, b);
    world.runUntilIdle();
    api.Put(atB, null, 0, null, 0, 0, null);
    world.runUntilIdle();
    setNetworkObserver(teller());
    const parcel = { value: NONE };
    api.Get(atA, 0, null, null, null, null, null, parcel);
    api.Reject(parcel.value, null, 0, null);
    api.Close(parcel.value, 0, null);
    expect(told()).toEqual(["parcel rejected"]);
  });

  it("is told of a message that is unacceptable", () => {
    const seen: unknown[] = [];
    const a = member("a", IPCZ_CREATE_NODE_AS_BROKER);
    const b = member("b");
    const [near, far] = world.connect(a.driver, b.driver);
    connectNode(a, near, 0);
    connectNode(b, far, IPCZ_CONNECT_NODE_TO_BROKER);
    world.runUntilIdle();
    setNetworkObserver({ ...teller(), rejected: (what) => seen.push(what) });
    b.driver.Transmit(far, new Uint8Array(64), 64, null, 0, 0, null);
    world.runUntilIdle();
    expect(seen).toEqual(["message"]);
  });

  it("is the only one, and may leave", () => {
    const first = teller();
    expect(setNetworkObserver(first)).toBeNull();
    expect(setNetworkObserver(null)).toBe(first);
    const [stays] = openPair(member("a"));
    api.Close(stays, 0, null);
    expect(told()).toEqual([]);
  });
});

describe("who watches a handshake", () => {
  it("is told when the nodes have agreed", () => {
    const [a, b] = [member("a", IPCZ_CREATE_NODE_AS_BROKER), member("b")];
    const [atA, atB] = join(a, b);
    const outcomes: unknown[] = [];
    for (const portal of [atA, atB, atB])
      expect(watchPortalHandshake(portal, (connected) => outcomes.push(connected))).toBe(
        IPCZ_RESULT_OK,
      );
    expect(outcomes).toEqual([]);
    world.runUntilIdle();
    expect(outcomes).toEqual([true, true, true]);
    expect(watchPortalHandshake(atA, () => undefined)).toBe(IPCZ_RESULT_FAILED_PRECONDITION);
  });

  it.each([
    ["the transport breaks", (_a: Member, b: Member) => b.driver.crash()],
    ["the node is closed", (a: Member) => void api.Close(a.node, 0, null)],
  ])("is told when they never will, since %s", (_why, end) => {
    const [a, b] = [member("a", IPCZ_CREATE_NODE_AS_BROKER), member("b")];
    const [near] = world.connect(a.driver, b.driver);
    const portal = connectNode(a, near, 0);
    const outcomes: unknown[] = [];
    watchPortalHandshake(portal, (connected) => outcomes.push(connected));
    end(a, b);
    world.runUntilIdle();
    expect(outcomes).toEqual([false]);
  });

  it("is refused where there is none to watch", () => {
    const [stays] = openPair(member("a"));
    expect(watchPortalHandshake(stays, () => undefined)).toBe(IPCZ_RESULT_FAILED_PRECONDITION);
    expect(watchPortalHandshake(NONE, () => undefined)).toBe(IPCZ_RESULT_INVALID_ARGUMENT);
    expect(watchPortalHandshake(stays, null as never)).toBe(IPCZ_RESULT_INVALID_ARGUMENT);
  });
});
