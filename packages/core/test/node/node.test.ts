/**
 * A node's connections over its life: reconnecting, losing links, closing (spec: routing 10.7; api 2.3.1, 4.6, 5.4).
 */
import {
  IPCZ_CONNECT_NODE_SHARE_BROKER as SHARE_BROKER,
  IPCZ_CONNECT_NODE_TO_BROKER as TO_BROKER,
} from "@ipcz/api";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { PRIMARY_BUFFER_BYTES } from "../../src/memory/primary-buffer.ts";
import { openPair } from "../../src/routing/pair.ts";
import { mergeRoutes } from "../../src/routing/merge.ts";
import type { Router } from "../../src/routing/router.ts";
import { HANDLE_PORTAL, NULL_FRAGMENT } from "../../src/wire/descriptors.ts";
import { NO_NODE, type NodeName, type SublinkId } from "../../src/wire/ids.ts";
import {
  ConnectFromBrokerToBroker,
  ConnectFromBrokerToNonBroker,
  ConnectFromNonBrokerToBroker,
  NonBrokerReferralAccepted,
  ReferNonBroker,
} from "../../src/wire/messages/connect.ts";
import { RequestIntroduction } from "../../src/wire/messages/introduce.ts";
import { AcceptParcel } from "../../src/wire/messages/parcel.ts";
import { RouteDisconnected } from "../../src/wire/messages/route.ts";
import { plainDescriptor } from "../wire/plain-descriptor.ts";
import { Network, type RawPeer, type TestNode } from "./network.ts";

const X = "000000000000000100000000000000ff" as NodeName;
const Y = "000000000000000200000000000000ff" as NodeName;
const HELLO = { protocolVersion: 0, numInitialPortals: 1, features: [0n] };

let net: Network;
let a: TestNode;
let b: TestNode;
let c: TestNode;
beforeEach(() => {
  net = new Network();
  a = net.broker("A");
  b = net.add("B");
  c = net.add("C");
});
afterEach(() => net.end());

/** Hands each of two members an end of a new pair; they get a link of their own. */
function connectMembers(
  [first, ofFirst]: [TestNode, Router],
  [second, ofSecond]: [TestNode, Router],
  broker = a,
): [Router, Router] {
  const [p, q] = broker.call(() => openPair(broker.world));
  broker.put(ofFirst, "one end", [p]);
  broker.put(ofSecond, "the other", [q]);
  net.run();
  return [first, second].map((node) => {
    const portal = node === first ? memberPortal.get(ofFirst) : memberPortal.get(ofSecond);
    return node.takePortal(portal!);
  }) as [Router, Router];
}
const memberPortal = new Map<Router, Router>();

function join(member: TestNode, broker = a): [Router, Router] {
  const { ours, theirs } = net.join(broker, member);
  memberPortal.set(ours[0]!, theirs[0]!);
  return [ours[0]!, theirs[0]!];
}

describe("a connection", () => {
  it("cuts the routes of both ends when one node is closed; portals stay the application's", () => {
    const [pa, pb] = join(b);
    a.put(pa, "left behind");
    b.close();
    expect(pa.isDead).toBe(true);
    expect(pb.isPeerClosed).toBe(true);
    expect(b.get(pb)).toBe("left behind");
    expect(pb.isDead).toBe(true);
    expect(a.node.links).toEqual([]);
    expect(b.node.name).toBe(NO_NODE);
  });

  it("sends nothing when its node is closed", () => {
    join(b);
    net.frames.length = 0;
    b.close();
    expect(net.ids()).toEqual([]);
  });

  it("is lost on both ends when the line breaks", () => {
    const [pa, pb] = join(b);
    a.driver.cut(a.node.links[0]!.transportHandle);
    expect([pa.isDead, pb.isDead]).toEqual([true, true]);
    expect([a.node.links, b.node.links]).toEqual([[], []]);
  });

  it("is lost when a message cannot be sent", () => {
    const [pa, pb] = join(b);
    net.world.faults.refuse({ operation: "Transmit", driver: "A", times: 1, silent: true });
    a.put(pa, "lost");
    expect([pa.isDead, pb.isDead]).toEqual([true, true]);
  });

  it("between two members outlives nothing but itself: the others go on", () => {
    const [pab, pba] = join(b);
    const [pac, pca] = join(c);
    const [q, r] = connectMembers([b, pab], [c, pac]);
    expect(net.areConnected(b, q, c, r)).toBe(true);
    const direct = b.node.find(c.node.name)!;
    b.driver.cut(b.node.connections.of(direct)!.link.transportHandle);
    expect([q.isDead, r.isDead]).toEqual([true, true]);
    expect(net.areConnected(a, pab, b, pba)).toBe(true);
    expect(net.areConnected(a, pac, c, pca)).toBe(true);
  });

  it("to the broker takes all others with it", () => {
    const [pab] = join(b);
    const [pac] = join(c);
    const [q, r] = connectMembers([b, pab], [c, pac]);
    expect(net.areConnected(b, q, c, r)).toBe(true);
    a.close();
    expect([q.isDead, r.isDead]).toEqual([true, true]);
    for (const node of [b, c]) {
      expect(node.node.links).toEqual([]);
      expect(node.node.name).toBe(NO_NODE);
    }
  });

  it("can be made again after a reset, under a new name", () => {
    join(b);
    const before = b.node.name;
    a.driver.cut(a.node.links[0]!.transportHandle);
    const [pa, pb] = join(b);
    expect(b.node.name).not.toBe(NO_NODE);
    expect(b.node.name).not.toBe(before);
    expect(net.areConnected(a, pa, b, pb)).toBe(true);
  });

  it("works for two nodes of one table, which share a turn", () => {
    const d = net.broker("D");
    const e = net.add("E", { world: d.world });
    const { ours, theirs } = net.join(d, e);
    expect(net.areConnected(d, ours[0]!, e, theirs[0]!)).toBe(true);
  });
});

describe("reconnecting", () => {
  it("to the same broker replaces the old connection, under a new name", () => {
    const [oldA, oldB] = join(b);
    const before = b.node.name;
    const [pa, pb] = join(b);
    expect([oldA.isDead, oldB.isDead]).toEqual([true, true]);
    expect(b.node.name).not.toBe(before);
    expect(a.node.links.map((link) => link.remoteName)).toEqual([b.node.name]);
    expect(net.areConnected(a, pa, b, pb)).toBe(true);
  });

  it("of two brokers replaces the old connection on both ends", () => {
    const d = net.broker("D");
    const [oldA, oldD] = net.joinBrokers(a, d);
    const [pa, pd] = net.joinBrokers(a, d);
    expect([oldA.isDead, oldD.isDead]).toEqual([true, true]);
    expect([a.node.links.length, d.node.links.length]).toEqual([1, 1]);
    expect(a.node.connections.introducers.length).toBe(1);
    expect(net.areConnected(a, pa, d, pd)).toBe(true);
  });

  it("brings a fresh link to a third node when one is needed", () => {
    const [pab] = join(b);
    const [pac] = join(c);
    const [q, r] = connectMembers([b, pab], [c, pac]);
    expect(net.areConnected(b, q, c, r)).toBe(true);
    const [again] = join(b);
    expect([q.isDead, r.isDead]).toEqual([true, true]);
    const [s, t] = connectMembers([b, again], [c, pac]);
    expect(net.areConnected(b, s, c, t)).toBe(true);
    expect(b.node.find(c.node.name)).not.toBeNull();
  });

  it("to another broker fails while the first one is there, and leaves that alone", () => {
    const [pa, pb] = join(b);
    const name = b.node.name;
    const d = net.broker("D");
    const { ours, theirs } = net.join(d, b);
    expect([ours[0]!.isDead, theirs[0]!.isDead]).toEqual([true, true]);
    expect(d.node.links).toEqual([]);
    expect(b.node.name).toBe(name);
    expect(net.areConnected(a, pa, b, pb)).toBe(true);
  });

  it("that fails resets the node", () => {
    const [pa, pb] = join(b);
    const [t0, raw] = net.raw(b);
    const [portal] = b.connect(t0, TO_BROKER);
    raw.driver.Close(raw.transport, 0, null);
    expect([pa, pb, portal!].map(({ isDead }) => isDead)).toEqual([true, true, true]);
    expect(b.node.links).toEqual([]);
    expect(b.node.name).toBe(NO_NODE);
  });

  it("whose transport cannot be activated resets the node", () => {
    const [pa] = join(b);
    net.world.faults.refuse({ operation: "ActivateTransport", driver: "B" });
    const [t0] = net.raw(b);
    b.tryConnect(t0, TO_BROKER);
    expect(pa.isDead).toBe(true);
    expect(b.node.name).toBe(NO_NODE);
  });

  it("to another broker works when the first one's line is about to be dropped", () => {
    const [, pb] = join(b);
    const [t0, raw] = net.raw(b);
    const [portal] = b.connect(t0, TO_BROKER);
    raw.activate();
    b.call(() => {
      b.node.links[0]!.fail();
      raw.send(
        ConnectFromBrokerToNonBroker,
        {
          brokerName: X,
          receiverName: Y,
          buffer: 0,
          protocolVersion: 0,
          numInitialPortals: 1,
          features: [],
        },
        [raw.memory(PRIMARY_BUFFER_BYTES)],
      );
    });
    expect(b.node.name).toBe(Y);
    expect(b.node.links.map((link) => link.remoteName)).toEqual([X]);
    expect([pb.isDead, portal!.isPeerClosed]).toEqual([true, false]);
  });
});

it("a link that failed does not take its successor with it", () => {
  net.rawBroker(b, X, Y);
  b.call(() => {
    b.node.links[0]?.fail();
    net.rawBroker(b, X, "000000000000000300000000000000ff" as NodeName);
  });
  expect(b.node.links.map((link) => link.isDead)).toEqual([false]);
});

describe("a node closed", () => {
  const offer = {
    brokerName: X,
    receiverName: Y,
    buffer: 0,
    protocolVersion: 0,
    numInitialPortals: 1,
    features: [],
  };

  it("while it leaves its old broker for the new connection keeps nothing", () => {
    const old = net.rawBroker(b, X, Y);
    const [t0, raw] = net.raw(b);
    const [portal] = b.connect(t0, TO_BROKER);
    old.onError = () => b.close();
    raw.activate().send(ConnectFromBrokerToNonBroker, offer, [raw.memory(PRIMARY_BUFFER_BYTES)]);
    expect(old.sawError).toBe(true);
    expect(portal!.isDead).toBe(true);
    expect(b.node.links).toEqual([]);
  });

  it("while it sends what a referral's portal has queued keeps nothing", () => {
    const broker = net.rawBroker(b, X, Y);
    const [t0] = net.raw(b);
    const [portal] = b.connect(t0, SHARE_BROKER);
    b.put(portal!, "news");
    const [mine, theirs] = broker.driver.createTransports("normal", "normal");
    const newcomer = net.take(broker.driver, theirs).activate();
    newcomer.onReceive = () => b.close();
    broker.send(
      NonBrokerReferralAccepted,
      {
        referralId: 0,
        protocolVersion: 0,
        numInitialPortals: 1,
        name: "000000000000000300000000000000ff" as NodeName,
        transport: 0,
        buffer: 1,
        features: [],
      },
      [net.object(broker.driver, mine), broker.memory(PRIMARY_BUFFER_BYTES)],
    );
    expect(newcomer.received).toEqual([AcceptParcel.id]);
    expect(portal!.isDead).toBe(true);
  });

  it("while a handshake is being finished keeps nothing", () => {
    const [t0, raw] = net.raw(a, "normal");
    const portals = a.connect(t0, 0, 2);
    a.put(portals[0]!, "news");
    raw.onReceive = (id) => {
      if (id === AcceptParcel.id) a.close();
    };
    raw.activate().send(ConnectFromNonBrokerToBroker, {
      protocolVersion: 0,
      numInitialPortals: 2,
      features: [],
    });
    expect(raw.received.at(-1)).toBe(AcceptParcel.id);
    expect(portals.map(({ isDead }) => isDead)).toEqual([true, true]);
    expect(a.node.links).toEqual([]);
  });

  it("twice is closed once", () => {
    join(b);
    b.close();
    b.close();
    expect(b.node.links).toEqual([]);
  });

  it("refuses to establish links", () => {
    join(b);
    b.close();
    const answers: unknown[] = [];
    b.node.establish(a.node.name, (link) => answers.push(link));
    expect(answers).toEqual([null]);
  });
});

describe("a link that ends", () => {
  /** Two nodes connected to A, played by the test, whose portals A has merged; the second one's role is given. */
  function mergedPeers(role: "member" | "broker"): readonly [RawPeer, RawPeer] {
    const portals: Router[] = [];
    const peers = (["member", role] as const).map((each) => {
      const [transport, raw] = net.raw(a, each === "member" ? "normal" : "broker");
      portals.push(...a.connect(transport, each === "member" ? 0 : TO_BROKER));
      raw.activate();
      if (each === "member") raw.send(ConnectFromNonBrokerToBroker, HELLO);
      else {
        const memory = raw.memory(PRIMARY_BUFFER_BYTES);
        raw.send(ConnectFromBrokerToBroker, { ...HELLO, name: X, buffer: 0 }, [memory]);
      }
      return raw;
    });
    a.call(() => {
      mergeRoutes(portals[0]!, portals[1]!);
      for (const portal of portals) a.disown(portal).release();
    });
    return [peers[0]!, peers[1]!];
  }

  it("brings nothing more, though its loss makes others send there at once", () => {
    const [first, second] = mergedPeers("member");
    const [link] = a.node.links;
    second.onReceive = (id) => {
      if (id !== RouteDisconnected.id) return;
      first.send(AcceptParcel, {
        sublink: 99 as SublinkId,
        sequenceNumber: 0,
        subparcelIndex: 0,
        numSubparcels: 1,
        parcelFragment: NULL_FRAGMENT,
        parcelData: new Uint8Array(),
        handleTypes: [HANDLE_PORTAL],
        newRouters: [plainDescriptor(300)],
        driverObjects: { first: 0, count: 0 },
      });
    };
    a.call(() => link!.fail());
    expect(second.received).toContain(RouteDisconnected.id);
    expect([a.node.links.length, a.world.liveRouters]).toEqual([1, 0]);
  });

  it.each<[string, "member" | "broker", (raw: RawPeer) => void]>([
    ["an introduction", "broker", (raw) => net.introduceRaw(raw, Y)],
    ["a request for one", "member", (raw) => raw.send(RequestIntroduction, { name: X })],
    [
      "a referral",
      "member",
      (raw) => {
        const values = { referralId: 0, numInitialPortals: 1, transport: 0 };
        raw.send(ReferNonBroker, values, [raw.deadTransport()]);
      },
    ],
  ])("brings no mail for a node that is being closed (%s)", (_what, role, send) => {
    const [, raw] = mergedPeers(role);
    raw.onReceive = (id) => {
      if (id === RouteDisconnected.id) send(raw);
    };
    raw.received.length = 0;
    a.close();
    expect(raw.received, "and nothing is answered").toEqual([RouteDisconnected.id]);
    expect([a.node.links.length, a.node.pendingCount]).toEqual([0, 0]);
  });
});
