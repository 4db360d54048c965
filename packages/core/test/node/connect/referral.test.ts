/**
 * Referrals: a node passes a newcomer on to its broker; every party may fail (spec: wire 3.4, 3.8; api 4.6).
 */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  IPCZ_CONNECT_NODE_INHERIT_BROKER as INHERIT_BROKER,
  IPCZ_CONNECT_NODE_SHARE_BROKER as SHARE_BROKER,
  IPCZ_CONNECT_NODE_TO_BROKER as TO_BROKER,
} from "@ipcz/api";
import { DriverObject } from "../../../src/driver/driver-object.ts";
import { PRIMARY_BUFFER_BYTES } from "../../../src/memory/primary-buffer.ts";
import { Limits } from "../../../src/base/limits.ts";
import type { Router } from "../../../src/routing/router.ts";
import { FOLDED_HIGH_BIT, NO_NODE, type NodeName } from "../../../src/wire/ids.ts";
import {
  ConnectToReferredBroker,
  ConnectToReferredNonBroker,
  NonBrokerReferralAccepted,
  NonBrokerReferralRejected,
  ReferNonBroker,
} from "../../../src/wire/messages/connect.ts";
import { Network, type RawPeer, type TestNode } from "../network.ts";

const X = "000000000000000100000000000000ff" as NodeName;
const Y = "000000000000000200000000000000ff" as NodeName;
const Z = "000000000000000300000000000000ff" as NodeName;
const hello = { protocolVersion: 0, numInitialPortals: 1, features: [0n] };

let net: Network;
let a: TestNode;
let b: TestNode;
beforeEach(() => {
  net = new Network();
  a = net.broker("A");
  b = net.add("B");
});
afterEach(() => net.end());

describe("a referral", () => {
  it("links the newcomer with the broker and with the referrer", () => {
    net.join(a, b);
    const c = net.add("C");
    net.frames.length = 0;
    const [ours, theirs] = net.refer(b, c, 2);
    expect(net.ids()).toEqual(["A:2", "A:3", "C:4", "B:5"]);
    expect(c.node.connections.brokerLink?.remoteName).toBe(a.node.name);
    expect(a.node.find(c.node.name)).toMatchObject({ side: 0 });
    expect(c.node.find(a.node.name)).toMatchObject({ side: 1 });
    expect(b.node.find(c.node.name)).toMatchObject({ side: 0 });
    expect(c.node.find(b.node.name)).toMatchObject({ side: 1 });
    for (const [index, portal] of ours.entries())
      expect(net.areConnected(b, portal, c, theirs[index]!)).toBe(true);
    expect(a.node.links[1]?.sublinkCount).toBe(0);
  });

  it("waits for a broker, then for the broker's greeting to be answered", () => {
    const c = net.add("C");
    const [t0, t1] = net.pair(b, c);
    const [ours] = b.connect(t0, SHARE_BROKER);
    const [theirs] = c.connect(t1, INHERIT_BROKER);
    b.put(ours!, "from before");
    const [brokers, members] = net.pair(a, b);
    a.connect(brokers, 0);
    expect(b.node.pendingCount).toBe(1);
    b.connect(members, TO_BROKER);
    expect(net.ids().filter((id) => id.startsWith("A:"))).toEqual(["A:1", "A:2", "A:3"]);
    expect(c.get(theirs!)).toBe("from before");
    expect(net.areConnected(b, ours!, c, theirs!)).toBe(true);
  });

  it("pairs as many portals as both have", () => {
    net.join(a, b);
    const c = net.add("C");
    const [t0, t1] = net.pair(b, c);
    const ours = b.connect(t0, SHARE_BROKER, 1);
    const theirs = c.connect(t1, INHERIT_BROKER, 3);
    expect(theirs.map((portal) => portal.isDead)).toEqual([false, true, true]);
    expect(net.areConnected(b, ours[0]!, c, theirs[0]!)).toBe(true);
  });

  it.each([
    [true, true],
    [true, false],
    [false, true],
  ])("gives each link the features of its ends (referrer %s, newcomer %s)", (first, second) => {
    const broker = net.broker("M", { memV2: true });
    const referrer = net.add("R", { memV2: first });
    const newcomer = net.add("N", { memV2: second });
    net.join(broker, referrer);
    net.refer(referrer, newcomer);
    const usesOwnIds = (name: NodeName): boolean =>
      newcomer.node.connections.find(name)!.link.newSublinks(1) >= FOLDED_HIGH_BIT;
    expect(usesOwnIds(broker.node.name)).toBe(second);
    expect(usesOwnIds(referrer.node.name)).toBe(first && second);
    expect(broker.node.connections.find(newcomer.node.name)?.features.memV2).toBe(second);
  });

  it("can be made by one who was referred", () => {
    net.join(a, b);
    const [c, d] = [net.add("C"), net.add("D")];
    net.refer(b, c);
    const [ours, theirs] = net.refer(c, d);
    expect(net.areConnected(c, ours[0]!, d, theirs[0]!)).toBe(true);
    expect(d.node.connections.brokerLink?.remoteName).toBe(a.node.name);
  });

  it("has a number of its own among those of one broker link", () => {
    net.join(a, b);
    net.frames.length = 0;
    net.refer(b, net.add("C"));
    net.refer(b, net.add("D"));
    const referrals = net.frames.filter(({ id }) => id === 2);
    expect(referrals.map(({ bytes }) => bytes[32])).toEqual([0, 1]);
  });

  it("is counted anew on a new broker link", () => {
    net.join(a, b);
    net.refer(b, net.add("C"));
    net.join(a, b);
    const [t0] = net.raw(b);
    net.frames.length = 0;
    b.connect(t0, SHARE_BROKER);
    const referral = net.frames.find(({ id }) => id === 2);
    expect(referral?.bytes[32]).toBe(0);
  });
});

describe("a referral fails, and the referrer's portals see their peer closed,", () => {
  it("when the newcomer sends garbage", () => {
    net.join(a, b);
    const [t0, raw] = net.raw(b);
    const [portal] = b.connect(t0, SHARE_BROKER);
    raw.activate().sendBytes(new Uint8Array(40).fill(9));
    expect(portal!.isDead).toBe(true);
    expect(raw.sawError).toBe(true);
    expect(net.ids(6)).toEqual(["B:6"]);
    expect(b.node.links.length).toBe(1);
  });

  it("when the newcomer takes the referrer for a broker", () => {
    net.join(a, b);
    const c = net.add("C");
    const [t0, t1] = net.pair(b, c);
    const [ours] = b.connect(t0, SHARE_BROKER);
    const [theirs] = c.connect(t1, TO_BROKER);
    expect([ours!.isDead, theirs!.isDead]).toEqual([true, true]);
    expect(b.node.links.length).toBe(1);
  });

  it("when the newcomer's transport closes", () => {
    net.join(a, b);
    const [t0, raw] = net.raw(b);
    const [portal] = b.connect(t0, SHARE_BROKER);
    expect(portal!.isPeerClosed).toBe(false);
    raw.driver.Close(raw.transport, 0, null);
    expect(portal!.isDead).toBe(true);
    expect(net.ids(6)).toEqual(["B:6"]);
  });

  it("when it closed before", () => {
    net.join(a, b);
    const [t0, raw] = net.raw(b);
    raw.driver.Close(raw.transport, 0, null);
    const [portal] = b.connect(t0, SHARE_BROKER);
    expect(portal!.isDead).toBe(true);
    expect(b.node.links.length).toBe(1);
  });

  it.each([0, 1])("when the broker has no memory for link %i", (skip) => {
    net.join(a, b);
    net.world.faults.refuse({ operation: "AllocateSharedMemory", driver: "A", skip });
    const c = net.add("C");
    const [ours, theirs] = net.refer(b, c);
    expect([ours[0]!.isDead, theirs[0]!.isDead]).toEqual([true, true]);
    expect(net.ids(6)).toEqual(["B:6"]);
    expect(b.node.links.length).toBe(1);
    expect(net.world.liveObjects().memories).toBe(0);
  });

  it.each(["DuplicateSharedMemory", "CreateTransports"] as const)(
    "when the broker's %s fails",
    (operation) => {
      net.join(a, b);
      net.world.faults.refuse({ operation, driver: "A" });
      const c = net.add("C");
      const [ours, theirs] = net.refer(b, c);
      expect([ours[0]!.isDead, theirs[0]!.isDead]).toEqual([true, true]);
      expect(net.ids(5, 6)).toEqual(["B:6"]);
      expect(a.node.links.length).toBe(1);
    },
  );

  it("when the broker link is lost", () => {
    net.join(a, b);
    const [t0, raw] = net.raw(b);
    const [portal] = b.connect(t0, SHARE_BROKER);
    a.close();
    expect(portal!.isDead).toBe(true);
    expect(raw.activate().sawError).toBe(true);
    expect(a.node.pendingCount + b.node.pendingCount).toBe(0);
  });

  it("when the referrer is closed; the newcomer sees it", () => {
    net.join(a, b);
    const [t0, raw] = net.raw(b);
    const [portal] = b.connect(t0, SHARE_BROKER);
    b.close();
    expect(portal!.isDead).toBe(true);
    expect(raw.activate().sawError).toBe(true);
    expect(a.node.pendingCount).toBe(0);
  });

  it("when it waits for a broker and the node is closed", () => {
    const [t0, raw] = net.raw(b);
    const [portal] = b.connect(t0, SHARE_BROKER);
    expect(portal!.isPeerClosed).toBe(false);
    b.close();
    expect(portal!.isDead).toBe(true);
    expect(raw.activate().sawError).toBe(true);
  });

  it("when it waits for a broker and joining one fails", () => {
    const [t0] = net.raw(b);
    const [portal] = b.connect(t0, SHARE_BROKER);
    const [t1, broker] = net.raw(b);
    b.connect(t1, TO_BROKER);
    broker.driver.Close(broker.transport, 0, null);
    expect(portal!.isDead).toBe(true);
  });

  it("when the transport cannot be sent to the broker", () => {
    net.join(a, b);
    net.world.faults.refuse({ operation: "Travel", driver: "B" });
    const [t0] = net.raw(b);
    const [portal] = b.connect(t0, SHARE_BROKER);
    expect(portal!.isDead).toBe(true);
    expect(b.driver.liveObjects().transports).toBe(1);
  });

  it("when sending it breaks the broker link", () => {
    net.join(a, b);
    net.world.faults.refuse({ operation: "Transmit", driver: "B" });
    const [t0] = net.raw(b);
    const [portal] = b.connect(t0, SHARE_BROKER);
    expect(portal!.isDead).toBe(true);
    expect(b.node.name).toBe(NO_NODE);
  });
});

describe("a broker", () => {
  it("rejects a referral without a transport", () => {
    const [raw] = net.rawMember(a);
    raw.send(ReferNonBroker, { referralId: 0, numInitialPortals: 1, transport: null });
    expect(raw.sawError).toBe(true);
    expect(a.node.links).toEqual([]);
  });

  it("rejects a referral whose transport is none", () => {
    const [raw] = net.rawMember(a);
    raw.send(ReferNonBroker, { referralId: 0, numInitialPortals: 1, transport: 0 }, [
      raw.memory(8),
    ]);
    expect(raw.sawError).toBe(true);
    expect(a.node.links).toEqual([]);
  });

  it("rejects a referral by a broker", () => {
    const raw = net.rawOtherBroker(a, X);
    expect(a.node.links.length).toBe(1);
    raw.send(ReferNonBroker, { referralId: 0, numInitialPortals: 1, transport: 0 }, [
      raw.deadTransport(),
    ]);
    expect(a.node.links).toEqual([]);
  });

  it("refuses referrals past the bound on those that wait", () => {
    const [raw] = net.rawMember(a);
    const others: DriverObject[] = [];
    for (let referralId = 0; referralId <= Limits.pendingReferralsMax; referralId++) {
      const [mine, theirs] = raw.driver.createTransports("normal", "normal");
      others.push(new DriverObject(raw.driver, theirs));
      raw.send(ReferNonBroker, { referralId, numInitialPortals: 1, transport: 0 }, [
        new DriverObject(raw.driver, mine),
      ]);
    }
    expect(a.node.pendingCount).toBe(Limits.pendingReferralsMax);
    expect(raw.received.slice(1)).toEqual([NonBrokerReferralRejected.id]);
    expect(raw.frames.at(-1)?.[32]).toBe(Limits.pendingReferralsMax & 0xff);
    for (const other of others) other.close();
    expect(a.node.pendingCount).toBe(0);
  });

  it("is not asked for a referral by anybody but a member: a non-broker rejects it", () => {
    const raw = net.rawBroker(b, X, Y);
    raw.send(ReferNonBroker, { referralId: 0, numInitialPortals: 1, transport: 0 }, [
      raw.deadTransport(),
    ]);
    expect(raw.sawError).toBe(true);
  });
});

describe("a referrer", () => {
  let raw: RawPeer;
  let portal: Router;
  beforeEach(() => {
    raw = net.rawBroker(b, X, Y);
    const [t0] = net.raw(b);
    [portal] = b.connect(t0, SHARE_BROKER) as [Router];
  });
  const accepted = {
    ...hello,
    referralId: 0,
    name: Z,
    transport: 0 as number | null,
    buffer: 1 as number | null,
  };

  it("rejects an answer to what it did not ask", () => {
    raw.send(NonBrokerReferralRejected, { referralId: 1 });
    expect(raw.sawError).toBe(true);
    expect(portal.isDead).toBe(true);
  });

  it("rejects a second answer", () => {
    raw.send(NonBrokerReferralRejected, { referralId: 0 });
    expect(portal.isDead).toBe(true);
    expect(raw.sawError).toBe(false);
    raw.send(NonBrokerReferralRejected, { referralId: 0 });
    expect(raw.sawError).toBe(true);
  });

  it.each([
    ["no transport", null, 1, PRIMARY_BUFFER_BYTES],
    ["no memory", 0, null, PRIMARY_BUFFER_BYTES],
    ["too little memory", 0, 1, 64],
  ])(
    "lets the referral fail, and keeps its broker, when it gets %s",
    (_, transport, buffer, size) => {
      raw.send(NonBrokerReferralAccepted, { ...accepted, transport, buffer }, [
        raw.deadTransport(),
        raw.memory(size),
      ]);
      expect(portal.isDead).toBe(true);
      expect(raw.sawError).toBe(false);
      expect(b.node.links.length).toBe(1);
      expect(net.world.liveObjects().memories).toBe(0);
    },
  );

  it.each([
    ["nobody's", NO_NODE],
    ["its own", Y],
    ["the broker's", X],
  ])("rejects a newcomer with a name that is %s", (_, name) => {
    raw.send(NonBrokerReferralAccepted, { ...accepted, name }, [
      raw.deadTransport(),
      raw.memory(PRIMARY_BUFFER_BYTES),
    ]);
    expect(raw.sawError).toBe(true);
    expect(portal.isDead).toBe(true);
    expect(net.world.liveObjects().memories).toBe(0);
  });

  it("loses only the new link when the newcomer is gone", () => {
    raw.send(NonBrokerReferralAccepted, accepted, [
      raw.deadTransport(),
      raw.memory(PRIMARY_BUFFER_BYTES),
    ]);
    expect(portal.isDead).toBe(true);
    expect(b.node.links.map((link) => link.remoteName)).toEqual([X]);
  });

  it("loses only the new link when its transport cannot be activated", () => {
    net.world.faults.refuse({ operation: "ActivateTransport" });
    raw.send(NonBrokerReferralAccepted, accepted, [
      raw.memory(8),
      raw.memory(PRIMARY_BUFFER_BYTES),
    ]);
    expect(portal.isDead).toBe(true);
    expect(b.node.links.map((link) => link.remoteName)).toEqual([X]);
  });
});

/** B waits for a welcome. */
function begin(): [RawPeer, Router] {
  const [t0, raw] = net.raw(b);
  const [portal] = b.connect(t0, INHERIT_BROKER);
  expect(raw.activate().received).toEqual([ConnectToReferredBroker.id]);
  return [raw, portal!];
}

describe("a newcomer", () => {
  const welcome = {
    name: Y,
    brokerName: X,
    referrerName: Z,
    brokerProtocolVersion: 0,
    referrerProtocolVersion: 0,
    numInitialPortals: 1,
    brokerLinkBuffer: 0 as number | null,
    referrerLinkTransport: 1 as number | null,
    referrerLinkBuffer: 2 as number | null,
    brokerFeatures: [0n],
    referrerFeatures: [0n],
  };

  it("sees its peer closed when the referrer drops the transport", () => {
    const [raw, portal] = begin();
    raw.driver.Close(raw.transport, 0, null);
    expect(portal.isDead).toBe(true);
  });

  it.each<[string, Partial<typeof welcome>, number, number]>([
    ["no memory for the broker link", { brokerLinkBuffer: null }, 1, 1],
    ["no transport", { referrerLinkTransport: null }, 1, 1],
    ["no memory for the referrer link", { referrerLinkBuffer: null }, 1, 1],
    ["too little memory for the broker link", {}, 0.5, 1],
    ["too little memory for the referrer link", {}, 1, 0.5],
    ["no name", { name: NO_NODE }, 1, 1],
    ["a broker without a name", { brokerName: NO_NODE }, 1, 1],
    ["a referrer without a name", { referrerName: NO_NODE }, 1, 1],
    ["the broker for a referrer", { referrerName: X }, 1, 1],
    ["its own name for the referrer", { referrerName: Y }, 1, 1],
  ])("rejects a welcome with %s", (_, over, first, second) => {
    const [raw, portal] = begin();
    raw.send(ConnectToReferredNonBroker, { ...welcome, ...over }, [
      raw.memory(first * PRIMARY_BUFFER_BYTES),
      raw.deadTransport(),
      raw.memory(second * PRIMARY_BUFFER_BYTES),
    ]);
    expect(portal.isDead).toBe(true);
    expect(raw.sawError).toBe(true);
    expect(b.node.name).toBe(NO_NODE);
    expect(net.world.liveObjects()).toMatchObject({ memories: 0, mappings: 0 });
  });

  it("stays in the network when the referrer is gone", () => {
    const [raw, portal] = begin();
    raw.send(ConnectToReferredNonBroker, welcome, [
      raw.memory(PRIMARY_BUFFER_BYTES),
      raw.deadTransport(),
      raw.memory(PRIMARY_BUFFER_BYTES),
    ]);
    expect(portal.isDead).toBe(true);
    expect(b.node.name).toBe(Y);
    expect(b.node.links.map((link) => link.remoteName)).toEqual([X]);
  });

  it("that has a broker already rejects the welcome, and keeps its broker", () => {
    const { theirs, ours } = net.join(a, b);
    const [raw, portal] = begin();
    raw.send(ConnectToReferredNonBroker, welcome, [
      raw.memory(PRIMARY_BUFFER_BYTES),
      raw.deadTransport(),
      raw.memory(PRIMARY_BUFFER_BYTES),
    ]);
    expect(portal.isDead).toBe(true);
    expect(raw.sawError).toBe(true);
    expect(net.areConnected(a, ours[0]!, b, theirs[0]!)).toBe(true);
  });
});
