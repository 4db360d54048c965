/**
 * Direct handshakes: what is sent, what is awaited, and how they fail (spec: wire 3.1-3.3, 3.7, 3.8; api 4, 5.3, 5.9).
 */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  IPCZ_CONNECT_NODE_INHERIT_BROKER as INHERIT_BROKER,
  IPCZ_CONNECT_NODE_SHARE_BROKER as SHARE_BROKER,
  IPCZ_CONNECT_NODE_TO_ALLOCATION_DELEGATE as TO_DELEGATE,
  IPCZ_CONNECT_NODE_TO_BROKER as TO_BROKER,
  IPCZ_RESULT_INVALID_ARGUMENT,
  IPCZ_RESULT_OK,
  IPCZ_RESULT_RESOURCE_EXHAUSTED,
  IPCZ_RESULT_UNKNOWN,
  IPCZ_TRANSPORT_ACTIVITY_ERROR,
  type IpczHandle,
} from "@ipcz/api";
import { Turn } from "../../../src/base/turn.ts";
import { PRIMARY_BUFFER_BYTES } from "../../../src/memory/primary-buffer.ts";
import {
  ConnectFromBrokerToBroker,
  ConnectFromBrokerToNonBroker,
  ConnectFromNonBrokerToBroker,
  ConnectToReferredBroker,
  NonBrokerReferralRejected,
} from "../../../src/wire/messages/connect.ts";
import { FlushRouter, RouteClosed } from "../../../src/wire/messages/route.ts";
import { FOLDED_HIGH_BIT, NO_NODE, type NodeName, type SublinkId } from "../../../src/wire/ids.ts";
import { Router } from "../../../src/routing/router.ts";
import { RouterWorld } from "../../../src/routing/router-state.ts";
import { decodeParams } from "../../../src/wire/decode.ts";
import type { MessageOf, MessageSchema } from "../../../src/wire/schema.ts";
import { Node } from "../../../src/node/node.ts";
import { encodeMessage } from "../../../src/wire/encode.ts";
import { MockDriver } from "../../driver/mock-driver.ts";
import { type DriverFunctions, Network, type RawPeer, type TestNode, UNKNOWN } from "../network.ts";

const X = "000000000000000100000000000000ff" as NodeName;
const Y = "000000000000000200000000000000ff" as NodeName;

const hello = { protocolVersion: 0, numInitialPortals: 1, features: [0n] };
const offer = { ...hello, brokerName: X, receiverName: Y, buffer: 0 };

let net: Network;
beforeEach(() => {
  net = new Network();
});
afterEach(() => net.end());

function decode<S extends MessageSchema>(schema: S, bytes: Uint8Array | undefined): MessageOf<S> {
  const message = bytes && decodeParams(schema, bytes, bytes.length, 24, 1);
  if (!message) throw new Error("no such message");
  return message;
}

describe("a broker without a name to give", () => {
  it.each<[string, DriverFunctions["GenerateRandomBytes"]]>([
    ["whose driver has no random bytes", () => IPCZ_RESULT_RESOURCE_EXHAUSTED],
    ["whose driver gives zeros", () => IPCZ_RESULT_OK],
  ])("%s connects to nobody, and closes the transport", (_what, generate) => {
    const [a, b] = [net.broker("A"), net.add("B")];
    const functions: DriverFunctions = a.driver;
    functions.GenerateRandomBytes = generate;
    const [t0, t1] = net.pair(a, b);
    const { result, portals } = a.tryConnect(t0, 0);
    expect([result, portals[0]?.isDead]).toEqual([IPCZ_RESULT_RESOURCE_EXHAUSTED, true]);
    expect(a.driver.liveObjects()).toMatchObject({ transports: 0, memories: 0, mappings: 0 });
    b.driver.Close(t1, 0, null);
  });
});

describe("a broker and a node that joins it", () => {
  it.each([true, false])("greet each other with one message each (broker first: %s)", (first) => {
    const a = net.broker("A");
    const b = net.add("B");
    const [t0, t1] = net.pair(a, b);
    const early = first ? a.connect(t0, 0) : b.connect(t1, TO_BROKER);
    const late = first ? b.connect(t1, TO_BROKER) : a.connect(t0, 0);
    const [pa, pb] = first ? [early[0]!, late[0]!] : [late[0]!, early[0]!];
    expect(net.ids().toSorted()).toEqual(["A:1", "B:0"]);
    expect(a.node.find(b.node.name)?.remoteName).toBe(b.node.name);
    expect(b.node.find(a.node.name)?.localName).toBe(b.node.name);
    expect(pa.outward.primary).toMatchObject({
      kind: "remote",
      sublink: 0,
      type: "central",
      side: 0,
    });
    expect(pb.outward.primary).toMatchObject({
      kind: "remote",
      sublink: 0,
      type: "central",
      side: 1,
    });
    expect(net.areConnected(a, pa, b, pb)).toBe(true);
  });

  it("say how many portals they bring, and what they can do", () => {
    const a = net.broker("A", { memV2: true });
    const [t0, rawA] = net.raw(a, "normal");
    a.connect(t0, 0, 3);
    rawA.activate();
    const greeting = decode(ConnectFromBrokerToNonBroker, rawA.frames[0]);
    expect(greeting).toMatchObject({
      numInitialPortals: 3,
      features: [1n],
      brokerName: a.node.name,
    });
    expect(greeting.receiverName).not.toBe(NO_NODE);

    const b = net.add("B", { memV2: true });
    const [t1, rawB] = net.raw(b);
    b.connect(t1, TO_BROKER, 2);
    rawB.activate();
    const answer = decode(ConnectFromNonBrokerToBroker, rawB.frames[0]);
    expect(answer).toMatchObject({ numInitialPortals: 2, features: [1n] });
    expect(b.node.name).toBe(NO_NODE);
  });

  it("send greetings that use up no sequence number", () => {
    const a = net.broker("A");
    const b = net.add("B");
    const { ours, theirs } = net.join(a, b);
    a.put(ours[0]!, "first");
    a.put(ours[0]!, "second");
    const numbers = net.frames.filter(({ to }) => to === "B").map(({ bytes }) => bytes[8]);
    expect(numbers).toEqual([0, 0, 1]);
    expect(b.get(theirs[0]!)).toBe("first");
  });

  it("bind portals pairwise; the surplus sees its peer closed, and no message says so", () => {
    const a = net.broker("A");
    const b = net.add("B");
    const [t0, t1] = net.pair(a, b);
    const pa = a.connect(t0, 0, 5);
    const pb = b.connect(t1, TO_BROKER, 3);
    expect(pa.map((portal) => portal.isDead)).toEqual([false, false, false, true, true]);
    expect(pb.map((portal) => portal.isDead)).toEqual([false, false, false]);
    expect(net.ids().toSorted()).toEqual(["A:1", "B:0"]);
    for (const [index, portal] of pb.entries())
      expect(net.areConnected(a, pa[index]!, b, portal)).toBe(true);
  });

  it("deliver what was put before the handshake, in order", () => {
    const a = net.broker("A");
    const b = net.add("B");
    const [t0, t1] = net.pair(a, b);
    const [pa] = a.connect(t0, 0);
    a.put(pa!, "one");
    a.put(pa!, "two");
    const [pb] = b.connect(t1, TO_BROKER);
    expect([b.get(pb!), b.get(pb!), b.get(pb!)]).toEqual(["one", "two", null]);
  });

  it("tell of portals that were closed before the handshake", () => {
    const a = net.broker("A");
    const b = net.add("B");
    const [t0, t1] = net.pair(a, b);
    const [pa] = a.connect(t0, 0);
    a.put(pa!, "last words");
    a.call(() => a.disown(pa!).close());
    const [pb] = b.connect(t1, TO_BROKER);
    expect(b.get(pb!)).toBe("last words");
    expect(pb!.isDead).toBe(true);
  });

  it("bind portals that were sent on before the handshake", () => {
    const a = net.broker("A");
    const b = net.add("B");
    const c = net.add("C");
    const { ours, theirs } = net.join(a, c);
    const [t0, t1] = net.pair(a, b);
    const [pa] = a.connect(t0, 0);
    a.put(ours[0]!, "take this", [a.disown(pa!)]);
    const moved = c.takePortal(theirs[0]!);
    c.put(moved, "early");
    const [pb] = b.connect(t1, TO_BROKER);
    expect(b.get(pb!)).toBe("early");
    expect(net.areConnected(c, moved, b, pb!)).toBe(true);
  });

  it.each([
    [true, true, true],
    [true, false, false],
    [false, true, false],
  ])("use MEM_V2 when both have it (broker %s, other %s)", (broker, other, both) => {
    const a = net.broker("A", { memV2: broker });
    const b = net.add("B", { memV2: other });
    net.join(a, b);
    expect((b.node.links[0]?.newSublinks(1) ?? 0) >= FOLDED_HIGH_BIT).toBe(both);
    expect((a.node.links[0]?.newSublinks(1) ?? 0) >= FOLDED_HIGH_BIT).toBe(false);
    expect(a.node.connections.find(b.node.name)?.features.memV2).toBe(other);
  });
});

describe("two brokers", () => {
  it("agree on sides by their names, whoever connects first", () => {
    for (let round = 0; round < 4; round++) {
      const [a, b] = [net.broker(`A${round}`), net.broker(`B${round}`)];
      const [pa, pb] = net.joinBrokers(a, b);
      const side = a.node.name > b.node.name ? 0 : 1;
      expect(a.node.links[0]?.side).toBe(side);
      expect(b.node.links[0]?.side).toBe(1 - side);
      expect(net.world.liveObjects().memories).toBe(0);
      expect(net.areConnected(a, pa, b, pb)).toBe(true);
    }
  });

  it("send one message each", () => {
    net.joinBrokers(net.broker("A"), net.broker("B"));
    expect(net.ids().toSorted()).toEqual(["A:7", "B:7"]);
  });

  it("do not connect when they have the same name", () => {
    const a = net.broker("A");
    const [t0, raw] = net.raw(a);
    const [pa] = a.connect(t0, TO_BROKER);
    raw
      .activate()
      .send(ConnectFromBrokerToBroker, { ...hello, name: a.node.name, buffer: 0 }, [
        raw.memory(PRIMARY_BUFFER_BYTES),
      ]);
    expect(pa!.isDead).toBe(true);
    expect(raw.sawError).toBe(true);
  });

  it("do without the other's memory when it is not used, and reject it when it is and does not do", () => {
    const a = net.broker("A");
    const names: [NodeName, boolean][] = [
      ["00000000000000000000000000000001" as NodeName, true],
      ["ffffffffffffffffffffffffffffffff" as NodeName, false],
    ];
    for (const [name, works] of names) {
      const [t0, raw] = net.raw(a);
      const [pa] = a.connect(t0, TO_BROKER);
      raw.activate().send(ConnectFromBrokerToBroker, { ...hello, name, buffer: null });
      expect(pa!.isDead).toBe(!works);
    }
  });
});

describe("ConnectNode", () => {
  const all = [TO_BROKER, INHERIT_BROKER, SHARE_BROKER];
  const combinations = Array.from({ length: 8 }, (_, bits) => bits);

  it.each([true, false])(
    "refuses flags that do not fit, and closes the transport (broker: %s)",
    (isBroker) => {
      const node = net.add("N", { isBroker });
      for (const bits of combinations) {
        const flags = all.reduce((sum, flag, index) => sum | ((bits >> index) & 1 ? flag : 0), 0);
        const legal = isBroker ? [0, TO_BROKER] : all;
        if (legal.includes(flags)) continue;
        const [t0, raw] = net.raw(node);
        const { result, portals } = node.tryConnect(t0, flags);
        expect(result).toBe(IPCZ_RESULT_INVALID_ARGUMENT);
        expect(portals[0]!.isDead).toBe(true);
        expect(node.driver.liveObjects().transports).toBe(0);
        expect(raw.activate().sawError).toBe(true);
      }
    },
  );

  it("ignores the delegate flag and unknown flags where they mean nothing", () => {
    const a = net.broker("A");
    const b = net.add("B");
    const [t0, t1] = net.pair(a, b);
    const [pa] = a.connect(t0, TO_DELEGATE | 0x100);
    const [pb] = b.connect(t1, TO_BROKER | 0x200);
    expect(net.areConnected(a, pa!, b, pb!)).toBe(true);
  });

  it.each(["AllocateSharedMemory", "MapSharedMemory"] as const)(
    "answers RESOURCE_EXHAUSTED and closes the transport when a broker's %s fails",
    (operation) => {
      const a = net.broker("A");
      net.world.faults.refuse({ operation });
      for (const flags of [0, TO_BROKER]) {
        const [t0, raw] = net.raw(a);
        expect(a.tryConnect(t0, flags).result).toBe(IPCZ_RESULT_RESOURCE_EXHAUSTED);
        expect(raw.activate().sawError).toBe(true);
        expect(net.world.liveObjects()).toMatchObject({ memories: 0, mappings: 0 });
      }
    },
  );

  const roles: [string, boolean, number][] = [
    ["broker to non-broker", true, 0],
    ["broker to broker", true, TO_BROKER],
    ["non-broker to broker", false, TO_BROKER],
    ["referred", false, INHERIT_BROKER],
  ];

  it.each(roles)(
    "answers UNKNOWN when the transport cannot be activated (%s)",
    (_, isBroker, flags) => {
      const node = net.add("N", { isBroker });
      net.world.faults.refuse({ operation: "ActivateTransport" });
      const [t0] = net.raw(node);
      const { result, portals } = node.tryConnect(t0, flags);
      expect(result).toBe(IPCZ_RESULT_UNKNOWN);
      expect(portals[0]!.isDead).toBe(true);
      expect(node.driver.liveObjects().transports).toBe(0);
    },
  );

  it.each(roles)("answers UNKNOWN when the greeting cannot be sent (%s)", (_, isBroker, flags) => {
    const node = net.add("N", { isBroker });
    for (const silent of [true, false]) {
      const cease = net.world.faults.refuse({ operation: "Transmit", silent });
      const [t0] = net.raw(node);
      expect(node.tryConnect(t0, flags).result).toBe(IPCZ_RESULT_UNKNOWN);
      expect(node.driver.liveObjects()).toMatchObject({ transports: 0, memories: 0, mappings: 0 });
      cease();
    }
  });

  it("answers UNKNOWN when the memory cannot be sent", () => {
    const a = net.broker("A");
    net.world.faults.refuse({ operation: "Serialize" });
    const [t0] = net.raw(a, "normal");
    expect(a.tryConnect(t0, 0).result).toBe(IPCZ_RESULT_UNKNOWN);
    expect(a.driver.liveObjects()).toMatchObject({ transports: 0, memories: 0, mappings: 0 });
  });

  it.each(roles)(
    "answers OK when the other end is gone already; the portals are dead (%s)",
    (_, isBroker, flags) => {
      const node = net.add("N", { isBroker });
      const [t0, t1] = net.pair(node, net.add("M"));
      net.nodes[1]!.driver.Close(t1, 0, null);
      const { result, portals } = node.tryConnect(t0, flags);
      expect(result).toBe(IPCZ_RESULT_OK);
      expect(portals[0]!.isDead).toBe(true);
    },
  );
});

/** A node that waits for the other end, which the test plays. */
function begin(isBroker: boolean, flags: number): { node: TestNode; raw: RawPeer; portal: Router } {
  const node = net.add("N", { isBroker });
  const [t0, raw] = net.raw(node, isBroker ? "normal" : "broker");
  const [portal] = node.connect(t0, flags);
  raw.activate();
  expect(portal!.isPeerClosed).toBe(false);
  return { node, raw, portal: portal! };
}

describe("a handshake", () => {
  const roles: [string, boolean, number][] = [
    ["broker to non-broker", true, 0],
    ["broker to broker", true, TO_BROKER],
    ["non-broker to broker", false, TO_BROKER],
    ["referred", false, INHERIT_BROKER],
  ];

  it.each(roles)("fails when the other end closes its transport (%s)", (_, isBroker, flags) => {
    const { raw, portal, node } = begin(isBroker, flags);
    raw.driver.Close(raw.transport, 0, null);
    expect(portal.isDead).toBe(true);
    expect(node.driver.liveObjects().transports).toBe(0);
  });

  const bad: [string, (raw: RawPeer) => void][] = [
    ["garbage", (raw) => raw.sendBytes(Uint8Array.from({ length: 64 }, (_, index) => 251 - index))],
    ["nothing", (raw) => raw.sendBytes(new Uint8Array(0))],
    ["a header that is too short", (raw) => raw.sendBytes(new Uint8Array(23))],
    ["a link's message", (raw) => raw.send(FlushRouter, { sublink: 0 as SublinkId })],
    ["the answer to a referral", (raw) => raw.send(NonBrokerReferralRejected, { referralId: 0 })],
    [
      "an object that cannot be made",
      (raw) => {
        net.world.faults.refuse({ operation: "Deserialize" });
        raw.send(UNKNOWN, { value: 0 }, [raw.memory(8)]);
      },
    ],
  ];

  describe.each(roles)("fails on a message that is not awaited (%s)", (_role, isBroker, flags) => {
    it.each(bad)("%s", (_what, send) => {
      const { node, raw, portal } = begin(isBroker, flags);
      send(raw);
      expect(portal.isDead).toBe(true);
      expect(raw.sawError).toBe(true);
      expect(node.driver.liveObjects()).toMatchObject({ transports: 0, memories: 0, mappings: 0 });
      expect(node.node.links).toEqual([]);
    });
  });

  const wrong: [string, boolean, number, (raw: RawPeer) => void][] = [
    ["broker to non-broker", true, 0, (raw) => raw.send(ConnectToReferredBroker, hello)],
    ["broker to broker", true, TO_BROKER, (raw) => raw.send(ConnectFromNonBrokerToBroker, hello)],
    [
      "non-broker to broker",
      false,
      TO_BROKER,
      (raw) => raw.send(ConnectFromNonBrokerToBroker, hello),
    ],
    [
      "referred",
      false,
      INHERIT_BROKER,
      (raw) => raw.send(ConnectFromBrokerToNonBroker, offer, [raw.memory(PRIMARY_BUFFER_BYTES)]),
    ],
  ];

  it.each(wrong)("fails on a greeting of the wrong kind (%s)", (_, isBroker, flags, send) => {
    const { raw, portal } = begin(isBroker, flags);
    send(raw);
    expect(portal.isDead).toBe(true);
    expect(raw.sawError).toBe(true);
  });

  it("ignores unknown messages and closes what came with them", () => {
    const { node, raw, portal } = begin(false, TO_BROKER);
    raw.send(UNKNOWN, { value: 7 }, [raw.memory(8)]);
    expect(net.world.liveObjects().memories).toBe(0);
    raw.send(ConnectFromBrokerToNonBroker, offer, [raw.memory(PRIMARY_BUFFER_BYTES)]);
    expect(node.node.name).toBe(Y);
    expect(portal.isPeerClosed).toBe(false);
  });

  it("leaves what follows the awaited message to the link", () => {
    const { node, raw, portal } = begin(true, 0);
    raw.send(ConnectFromNonBrokerToBroker, hello);
    raw.send(RouteClosed, { sublink: 0 as SublinkId, sequenceLength: 0 });
    expect(portal.isDead).toBe(true);
    expect(node.node.links.length).toBe(1);
    raw.send(ConnectFromNonBrokerToBroker, hello);
    expect(node.node.links.length).toBe(0);
    expect(raw.sawError).toBe(true);
  });

  const badOffers: [string, Partial<typeof offer> | { buffer: null }, number | null][] = [
    ["no memory", { buffer: null }, null],
    ["an object that is not there", { buffer: 3 }, null],
    ["too little memory", {}, PRIMARY_BUFFER_BYTES - 8],
    ["a broker without a name", { brokerName: NO_NODE }, PRIMARY_BUFFER_BYTES],
    ["no name for the receiver", { receiverName: NO_NODE }, PRIMARY_BUFFER_BYTES],
    ["the broker's name for the receiver", { receiverName: X }, PRIMARY_BUFFER_BYTES],
  ];

  it.each(badOffers)("fails on a broker's greeting with %s", (_, over, numBytes) => {
    const { node, raw, portal } = begin(false, TO_BROKER);
    const memory = numBytes === null ? [] : [raw.memory(numBytes)];
    raw.send(ConnectFromBrokerToNonBroker, { ...offer, ...over }, memory);
    expect(portal.isDead).toBe(true);
    expect(node.node.name).toBe(NO_NODE);
    expect(net.world.liveObjects().memories).toBe(0);
  });

  it("fails on a broker's greeting whose memory cannot be mapped", () => {
    const { raw, portal } = begin(false, TO_BROKER);
    net.world.faults.refuse({ operation: "MapSharedMemory" });
    raw.send(ConnectFromBrokerToNonBroker, offer, [raw.memory(PRIMARY_BUFFER_BYTES)]);
    expect(portal.isDead).toBe(true);
  });

  it.each(roles)("that waits when the node is closed fails at once (%s)", (_, isBroker, flags) => {
    const { node, raw, portal } = begin(isBroker, flags);
    node.close();
    expect(portal.isDead).toBe(true);
    expect(raw.sawError).toBe(true);
    expect(node.driver.liveObjects()).toMatchObject({ transports: 0, memories: 0, mappings: 0 });
  });

  it("takes nothing more after a message it refused, from a driver that goes on reading", () => {
    const driver = new MockDriver();
    const world = new RouterWorld(new Turn());
    const handles = { lend: () => 7 as IpczHandle, takeBack: () => {} };
    const options = { isBroker: false, memV2: false, fixedCapacity: false, clock: () => 0 };
    const node = new Node({ ...options, driver, world, listeners: handles });
    const transport = driver.make({ kind: "transport" });
    const portal = new Router(world);
    expect(node.connect(transport, [portal], TO_BROKER)).toBe(IPCZ_RESULT_OK);
    const unknown = encodeMessage(UNKNOWN, { value: 0 });
    expect(driver.notify(transport, 0, unknown)).toBe(IPCZ_RESULT_OK);
    expect(driver.notify(transport, 0, new Uint8Array(3))).toBe(IPCZ_RESULT_INVALID_ARGUMENT);
    const late = driver.blob([]);
    expect(driver.notify(transport, 0, unknown, [late])).toBe(IPCZ_RESULT_INVALID_ARGUMENT);
    expect(driver.objects.has(late)).toBe(false);
    expect(portal.isPeerClosed).toBe(false);
    driver.notify(transport, IPCZ_TRANSPORT_ACTIVITY_ERROR);
    expect(portal.isDead).toBe(true);
    portal.close();
    expect(driver.liveCount).toBe(0);
  });

  it("binds no more portals than there are, whatever number the other end states", () => {
    const { raw, portal } = begin(true, 0);
    raw.send(ConnectFromNonBrokerToBroker, { ...hello, numInitialPortals: 0xffff_ffff });
    expect(portal.isPeerClosed).toBe(false);
  });

  it("accepts any protocol version and unknown features", () => {
    const { node, raw } = begin(true, 0);
    raw.send(ConnectFromNonBrokerToBroker, { ...hello, protocolVersion: 99, features: [6n, 1n] });
    const connection = node.node.connections.find(node.node.links[0]!.remoteName);
    expect(connection).toMatchObject({ protocolVersion: 0, features: { memV2: false } });
  });

  it("that fails on both ends fails alike: a broker does not welcome a broker", () => {
    const [a, b] = [net.broker("A"), net.broker("B")];
    const [t0, t1] = net.pair(a, b);
    const [pa] = a.connect(t0, 0);
    const [pb] = b.connect(t1, TO_BROKER);
    expect([pa!.isDead, pb!.isDead]).toEqual([true, true]);
  });
});
