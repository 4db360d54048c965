/**
 * A handshake under way, whose other end the test plays: what is awaited, what is ignored, and how it fails
 * (spec: wire 3.1-3.3, 3.7, 3.8).
 */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  IPCZ_CONNECT_NODE_INHERIT_BROKER as INHERIT_BROKER,
  IPCZ_CONNECT_NODE_TO_BROKER as TO_BROKER,
  IPCZ_RESULT_INVALID_ARGUMENT,
  IPCZ_RESULT_OK,
  IPCZ_TRANSPORT_ACTIVITY_ERROR,
  type IpczHandle,
} from "@ipcz/api";
import { Turn } from "../../../src/base/turn.ts";
import { PRIMARY_BUFFER_BYTES } from "../../../src/memory/primary-buffer.ts";
import { Node } from "../../../src/node/node.ts";
import { Router } from "../../../src/routing/router.ts";
import { RouterWorld } from "../../../src/routing/router-state.ts";
import { encodeMessage } from "../../../src/wire/encode.ts";
import { NO_NODE, type NodeName, type SublinkId } from "../../../src/wire/ids.ts";
import {
  ConnectFromBrokerToNonBroker,
  ConnectFromNonBrokerToBroker,
  ConnectToReferredBroker,
  NonBrokerReferralRejected,
} from "../../../src/wire/messages/connect.ts";
import { FlushRouter, RouteClosed } from "../../../src/wire/messages/route.ts";
import { MockDriver } from "../../driver/mock-driver.ts";
import { Network, type RawPeer, type TestNode, UNKNOWN } from "../network.ts";
import { roles } from "./roles.ts";

const X = "000000000000000100000000000000ff" as NodeName;
const Y = "000000000000000200000000000000ff" as NodeName;

const hello = { protocolVersion: 0, numInitialPortals: 1, features: [0n] };
const offer = { ...hello, brokerName: X, receiverName: Y, buffer: 0 };

let net: Network;
beforeEach(() => {
  net = new Network();
});
afterEach(() => net.end());

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
