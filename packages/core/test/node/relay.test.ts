/**
 * Objects that cannot travel between two members of a network go through the broker (spec: wire 1.10; routing 10.5).
 */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openPair } from "../../src/routing/pair.ts";
import type { Router } from "../../src/routing/router.ts";
import { Box } from "../../src/parcels/box.ts";
import { encodeMessage } from "../../src/wire/encode.ts";
import type { NodeName, SublinkId } from "../../src/wire/ids.ts";
import { AddBlockBuffer } from "../../src/wire/messages/memory.ts";
import { AcceptParcelDriverObjects } from "../../src/wire/messages/parcel.ts";
import { AcceptRelayedMessage, RelayMessage } from "../../src/wire/messages/relay.ts";
import { RouteClosed } from "../../src/wire/messages/route.ts";
import { Network, type RawPeer, type TestNode } from "./network.ts";

const X = "000000000000000100000000000000ff" as NodeName;
const Y = "000000000000000200000000000000ff" as NodeName;
const W = "000000000000000300000000000000ff" as NodeName;

let net: Network;
afterEach(() => net.end());

/** Gives two members an end of one pair each. */
function connectMembers(a: TestNode, members: readonly [TestNode, TestNode]): [Router, Router] {
  const ends = a.call(() => openPair(a.world));
  const received = members.map((member, index) => {
    const { ours, theirs } = net.join(a, member);
    a.put(ours[0]!, "an end", [ends[index]!]);
    return theirs[0]!;
  });
  return members.map((member, index) => member.takePortal(received[index]!)) as [Router, Router];
}

describe("where members cannot send each other objects", () => {
  let a: TestNode;
  let b: TestNode;
  let c: TestNode;
  let portals: [Router, Router];
  beforeEach(() => {
    net = new Network({ schedule: "sync", scribble: true, forceRelay: true });
    [a, b, c] = [net.broker("A"), net.add("B"), net.add("C")];
    portals = connectMembers(a, [b, c]);
    net.areConnected(b, portals[0], c, portals[1]);
    net.frames.length = 0;
  });

  it("a parcel's objects go through the broker, the rest goes straight", () => {
    expect(b.node.find(c.node.name)).not.toBeNull();
    b.put(portals[0], "boxed", [b.box(), b.box()]);
    expect(net.ids().toSorted()).toEqual(["A:66", "C:20", "C:67"]);
    const parcel = c.take(portals[1]);
    expect(parcel?.attachments.map((attachment) => attachment instanceof Box)).toEqual([
      true,
      true,
    ]);
    c.call(() => parcel?.close());
    expect(net.world.liveObjects().memories).toBe(0);
  });

  it("new buffers go through the broker too", () => {
    for (let round = 0; round < 4; round++) b.put(portals[0], "x".repeat(20_000));
    expect(net.ids(66, 67)).toEqual(["A:66", "C:67"]);
    expect(net.ids(14)).toEqual([]);
    for (let round = 0; round < 4; round++) expect(c.get(portals[1])?.length).toBe(20_000);
    expect(net.world.liveObjects().memories).toBe(0);
  });

  it("keeps the order of parcels", () => {
    b.put(portals[0], "1", [b.box()]);
    b.put(portals[0], "2");
    b.put(portals[0], "3", [b.box()]);
    expect([c.get(portals[1]), c.get(portals[1]), c.get(portals[1])]).toEqual(["1", "2", "3"]);
  });

  it("drops what the broker cannot pass on, and closes it", () => {
    net.world.faults.refuse({ operation: "Travel", driver: "A" });
    b.put(portals[0], "half", [b.box()]);
    expect(c.get(portals[1])).toBeNull();
    expect(net.world.liveObjects().memories).toBe(0);
  });

  it("drops what cannot even travel to the broker, and closes it", () => {
    net.world.faults.refuse({ operation: "Travel", driver: "B" });
    b.put(portals[0], "half", [b.box()]);
    expect(net.ids(66)).toEqual([]);
    expect(net.world.liveObjects().memories).toBe(0);
  });
});

describe("a broker asked to relay", () => {
  let a: TestNode;
  beforeEach(() => {
    net = new Network();
    a = net.broker("A");
  });
  const data = encodeMessage(RouteClosed, { sublink: 0 as SublinkId, sequenceLength: 0 });

  it("passes data and objects on with the sender's name", () => {
    const [from, source] = net.rawMember(a);
    const [to, destination] = net.rawMember(a);
    const driverObjects = { first: 0, count: 2 };
    from.send(RelayMessage, { destination, data, driverObjects }, [from.memory(8), from.memory(8)]);
    expect(to.received.at(-1)).toBe(AcceptRelayedMessage.id);
    expect(to.handles.length).toBe(3);
    const bytes = [...(to.frames.at(-1) ?? [])];
    expect(Buffer.from(bytes).includes(Buffer.from(data))).toBe(true);
    const low = Buffer.from(source.slice(16), "hex").toReversed();
    expect(Buffer.from(bytes).includes(Buffer.from(low))).toBe(true);
  });

  it("drops a message for a node it does not know", () => {
    const [from] = net.rawMember(a);
    const driverObjects = { first: 0, count: 1 };
    from.send(RelayMessage, { destination: X, data, driverObjects }, [from.memory(8)]);
    expect(from.sawError).toBe(false);
    // Its own buffer is all that the member has.
    expect(net.world.liveObjects().memories).toBe(1);
  });

  it("rejects a message that names objects it does not have", () => {
    const [from] = net.rawMember(a);
    const driverObjects = { first: 0, count: 2 };
    from.send(RelayMessage, { destination: X, data, driverObjects }, [from.memory(8)]);
    expect(from.sawError).toBe(true);
    expect(net.world.liveObjects().memories).toBe(1);
  });
});

describe("a relayed message", () => {
  let b: TestNode;
  let broker: RawPeer;
  let source: RawPeer;
  /** The test plays broker X and W, a member like B. */
  beforeEach(() => {
    net = new Network();
    b = net.add("B");
    broker = net.rawBroker(b, X, Y);
    source = net.introduceRaw(broker, W);
  });
  const relay = (data: Uint8Array, count: number, from: NodeName = W): void => {
    const objects = Array.from({ length: count }, () => broker.memory(65_536));
    const driverObjects = { first: 0, count };
    broker.send(AcceptRelayedMessage, { source: from, data, driverObjects }, objects);
  };
  const buffer = { id: 1 as never, blockSize: 64, buffer: 0 };

  it("is handled as if it had come over the link to its source", () => {
    relay(encodeMessage(AddBlockBuffer, buffer), 1);
    expect([broker.sawError, source.sawError]).toEqual([false, false]);
    expect(net.world.liveObjects().mappings).toBe(3);
    relay(
      encodeMessage(AcceptParcelDriverObjects, {
        sublink: 12 as SublinkId,
        sequenceNumber: 0,
        driverObjects: { first: 0, count: 1 },
      }),
      1,
    );
    expect([broker.sawError, source.sawError]).toEqual([false, false]);
    expect(net.world.liveObjects().memories).toBe(1);
  });

  it.each<[string, Uint8Array]>([
    ["a header that is too short", new Uint8Array(23)],
    ["no content", new Uint8Array(0)],
    ["a buffer of bad blocks", encodeMessage(AddBlockBuffer, { ...buffer, blockSize: 65 })],
    ["a buffer with an id in use", encodeMessage(AddBlockBuffer, { ...buffer, id: 0 as never })],
    ["an object that is not there", encodeMessage(AddBlockBuffer, { ...buffer, buffer: 4 })],
  ])("with %s costs its source the link, not the broker", (_, data) => {
    relay(data, 1);
    expect(source.sawError).toBe(true);
    expect(broker.sawError).toBe(false);
    expect(b.node.links.map((link) => link.remoteName)).toEqual([X]);
    expect(net.world.liveObjects()).toMatchObject({ memories: 0, mappings: 1 });
  });

  it("of any other kind is ignored", () => {
    relay(encodeMessage(RouteClosed, { sublink: 0 as SublinkId, sequenceLength: 7 }), 1);
    expect([broker.sawError, source.sawError]).toEqual([false, false]);
    expect(net.world.liveObjects().memories).toBe(0);
  });

  it("from a node without a link is ignored", () => {
    relay(encodeMessage(AddBlockBuffer, buffer), 1, Y);
    expect(broker.sawError).toBe(false);
    expect(net.world.liveObjects().memories).toBe(0);
  });

  it("that names objects which are not there is the broker's fault", () => {
    const driverObjects = { first: 1, count: 1 };
    const data = encodeMessage(AddBlockBuffer, buffer);
    broker.send(AcceptRelayedMessage, { source: W, data, driverObjects }, [broker.memory(8)]);
    expect(broker.sawError).toBe(true);
  });
});

describe("a broker of another network that pretends to relay", () => {
  const buffer = { id: 1 as never, blockSize: 64, buffer: 0 };

  it.each([
    ["a bad buffer", encodeMessage(AddBlockBuffer, { ...buffer, blockSize: 65 })],
    ["a good buffer", encodeMessage(AddBlockBuffer, buffer)],
    ["nonsense", new Uint8Array(23)],
  ])("cannot touch the link to a member of this one (%s)", (_, data) => {
    net = new Network();
    const a = net.broker("A");
    const [member, memberName] = net.rawMember(a);
    const other = net.rawOtherBroker(a, X);
    const mappings = net.world.liveObjects().mappings;
    const driverObjects = { first: 0, count: 1 };
    const values = { source: memberName, data, driverObjects };
    other.send(AcceptRelayedMessage, values, [other.memory(65_536)]);
    expect([member.sawError, other.sawError]).toEqual([false, false]);
    expect(a.node.find(memberName)).not.toBeNull();
    expect(net.world.liveObjects().mappings).toBe(mappings);
  });
});
