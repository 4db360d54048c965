/**
 * A node that asks for links to nodes known by name only, and one that is introduced (spec: wire 3.6; routing 10.2,
 * 10.4; api 4.7, NOD-01..05). Twin of introduce.test.ts.
 */
import { IPCZ_INVALID_DRIVER_HANDLE } from "@ipcz/api";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { PRIMARY_BUFFER_BYTES } from "../../src/memory/primary-buffer.ts";
import { NO_NODE } from "../../src/wire/ids.ts";
import {
  AcceptIntroduction,
  RejectIntroduction,
  RequestIntroduction,
} from "../../src/wire/messages/introduce.ts";
import type { MessageOf } from "../../src/wire/schema.ts";
import { establish, introduction, W, X, Y } from "./introducing.ts";
import { type DriverFunctions, Network, type RawPeer, type TestNode } from "./network.ts";

let net: Network;
beforeEach(() => {
  net = new Network();
});
afterEach(() => net.end());

describe("establishing a link", () => {
  it("to a connected node answers at once, and sends nothing", () => {
    const [a, b] = [net.broker("A"), net.add("B")];
    net.join(a, b);
    net.frames.length = 0;
    expect(establish(a, b.node.name)).toEqual([a.node.find(b.node.name)]);
    expect(establish(b, a.node.name)).toEqual([b.node.find(a.node.name)]);
    expect(net.ids()).toEqual([]);
  });

  it("to a node of the same network makes the broker introduce the two", () => {
    const [a, b, c] = [net.broker("A"), net.add("B"), net.add("C")];
    net.join(a, b);
    net.join(a, c);
    net.frames.length = 0;
    const [link] = establish(b, c.node.name);
    expect(net.ids()).toEqual(["A:10", "B:11", "C:11"]);
    expect(link).toMatchObject({ side: 0, remoteName: c.node.name, localName: b.node.name });
    expect(c.node.find(b.node.name)).toMatchObject({ side: 1 });
    // Both see one memory: ids that one takes are not given to the other.
    expect(link!.newSublinks(5)).toBe(12);
    expect(c.node.find(b.node.name)!.newSublinks(1)).toBe(17);

    net.frames.length = 0;
    expect(establish(b, c.node.name)).toEqual([link]);
    expect(establish(c, b.node.name)).toEqual([c.node.find(b.node.name)]);
    expect(net.ids()).toEqual([]);
    expect(a.driver.liveObjects().memories).toBe(0);
  });

  it("asks once for each name, however many want it", () => {
    const b = net.add("B");
    const broker = net.rawBroker(b, X, Y);
    const answers = [establish(b, W), establish(b, W)];
    expect(broker.received.filter((id) => id === RequestIntroduction.id).length).toBe(1);
    broker.send(RejectIntroduction, { name: W });
    expect(answers).toEqual([[null], [null]]);
    establish(b, W);
    expect(broker.received.filter((id) => id === RequestIntroduction.id).length).toBe(2);
  });

  it("fails at once without a broker, without other brokers, and for the own name", () => {
    const [a, b] = [net.broker("A"), net.add("B")];
    expect(establish(b, W)).toEqual([null]);
    expect(establish(a, W)).toEqual([null]);
    net.join(a, b);
    expect(establish(a, W)).toEqual([null]);
    expect(establish(a, a.node.name)).toEqual([null]);
    expect(establish(b, b.node.name)).toEqual([null]);
    expect(establish(b, NO_NODE)).toEqual([null]);
  });

  it("fails for a name that the broker does not know", () => {
    const [a, b] = [net.broker("A"), net.add("B")];
    net.join(a, b);
    net.frames.length = 0;
    expect(establish(b, W)).toEqual([null]);
    expect(net.ids()).toEqual(["A:10", "B:12"]);
    expect(b.node.pendingCount).toBe(0);
  });

  it.each(["broker", "node"])("fails when the %s goes before the answer", (which) => {
    const b = net.add("B");
    const broker = net.rawBroker(b, X, Y);
    const answers = establish(b, W);
    expect(answers).toEqual([]);
    if (which === "broker") broker.driver.Close(broker.transport, 0, null);
    else b.close();
    expect(answers).toEqual([null]);
  });

  it.each(["AllocateSharedMemory", "DuplicateSharedMemory", "CreateTransports"] as const)(
    "fails, and does not wait for ever, when the broker's %s fails",
    (operation) => {
      const [a, b, c] = [net.broker("A"), net.add("B"), net.add("C")];
      net.join(a, b);
      net.join(a, c);
      net.world.faults.refuse({ operation, driver: "A" });
      expect(establish(b, c.node.name)).toEqual([null]);
      expect(a.driver.liveObjects()).toMatchObject({ memories: 0, transports: 2, mappings: 2 });
      expect(c.node.links.length).toBe(1);
    },
  );

  it("fails when the broker's driver makes one transport of two, which is closed", () => {
    const [a, b, c] = [net.broker("A"), net.add("B"), net.add("C")];
    net.join(a, b);
    net.join(a, c);
    const functions: DriverFunctions = a.driver;
    const create = functions.CreateTransports;
    functions.CreateTransports = (first, second, flags, options, out0, out1) => {
      const result = create(first, second, flags, options, out0, out1);
      a.driver.Close(out1?.value ?? IPCZ_INVALID_DRIVER_HANDLE, 0, null);
      if (out1) out1.value = IPCZ_INVALID_DRIVER_HANDLE;
      return result;
    };
    expect(establish(b, c.node.name)).toEqual([null]);
    expect(a.driver.liveObjects()).toMatchObject({ memories: 0, transports: 2, mappings: 2 });
  });

  it("is not answered when who asked has gone before another broker's answer", () => {
    const a = net.broker("A");
    const other = net.rawOtherBroker(a, X);
    const [asker] = net.rawMember(a);
    asker.send(RequestIntroduction, { name: W });
    expect(other.received).toContain(RequestIntroduction.id);
    asker.driver.Close(asker.transport, 0, null);
    const found = net.introduceRaw(other, W);
    expect(a.node.find(W), "the broker has a link now").not.toBeNull();
    expect([found.received, asker.received]).not.toContain(AcceptIntroduction.id);
    expect(a.node.pendingCount).toBe(0);
  });

  it("answers null when the node found is dead already", () => {
    const b = net.add("B");
    const broker = net.rawBroker(b, X, Y);
    const answers = establish(b, W);
    broker.send(AcceptIntroduction, introduction(W), [
      broker.deadTransport(),
      broker.memory(PRIMARY_BUFFER_BYTES),
    ]);
    expect(answers.map((peer) => peer?.isDead ?? true)).toEqual([true]);
    expect(b.node.links.map((link) => link.remoteName)).toEqual([X]);
  });

  it("answers null when the new link's transport cannot be activated", () => {
    const b = net.add("B");
    const broker = net.rawBroker(b, X, Y);
    const answers = establish(b, W);
    broker.send(AcceptIntroduction, introduction(W), [
      broker.memory(8),
      broker.memory(PRIMARY_BUFFER_BYTES),
    ]);
    expect(answers).toEqual([null]);
    expect(b.node.links.map((link) => link.remoteName)).toEqual([X]);
  });
});

describe("a node that is introduced", () => {
  let b: TestNode;
  let broker: RawPeer;
  beforeEach(() => {
    b = net.add("B");
    broker = net.rawBroker(b, X, Y);
  });
  const introduce = (over: Partial<MessageOf<typeof AcceptIntroduction>>, size = 1): RawPeer => {
    const [mine, theirs] = broker.driver.createTransports("normal", "normal");
    const other = net.take(broker.driver, theirs);
    const objects = [net.object(broker.driver, mine), broker.memory(size * PRIMARY_BUFFER_BYTES)];
    broker.send(AcceptIntroduction, { ...introduction(W), ...over }, objects);
    return other;
  };

  it("need not have asked for it", () => {
    introduce({});
    expect(b.node.find(W)).toMatchObject({ side: 1, localName: Y });
  });

  it("takes the side and the features it is told", () => {
    const c = net.add("C", { memV2: true });
    const raw = net.rawBroker(c, X, Y);
    const objects = [raw.deadTransport(), raw.memory(PRIMARY_BUFFER_BYTES)];
    const sides: number[] = [];
    c.node.establish(W, (peer) => sides.push(peer?.side ?? -1));
    const [mine, theirs] = raw.driver.createTransports("normal", "normal");
    net.take(raw.driver, theirs);
    objects[0]?.close();
    objects[0] = net.object(raw.driver, mine);
    raw.send(
      AcceptIntroduction,
      { ...introduction(W), linkSide: 0, remoteFeatures: [1n] },
      objects,
    );
    expect(sides).toEqual([0]);
    expect(c.node.connections.find(W)?.features.memV2).toBe(true);
  });

  it("keeps the first of two introductions, and closes the second's objects", () => {
    const first = introduce({});
    const link = b.node.find(W);
    const second = introduce({});
    expect(b.node.find(W)).toBe(link);
    expect(first.activate().sawError).toBe(false);
    expect(second.activate().sawError).toBe(true);
    expect(net.world.liveObjects().memories).toBe(0);
  });

  it("ignores an introduction to itself", () => {
    introduce({ name: Y });
    expect(b.node.links.length).toBe(1);
    expect(broker.sawError).toBe(false);
  });

  it.each<[string, Partial<MessageOf<typeof AcceptIntroduction>>, number]>([
    ["without a transport", { transport: null }, 1],
    ["without memory", { memory: null }, 1],
    ["with too little memory", {}, 0.5],
    ["to nobody", { name: NO_NODE }, 1],
    ["with a side that is none", { linkSide: 2 as 1 }, 1],
    ["with a node type that is none", { remoteNodeType: 2 as 1 }, 1],
    ["with an object that is not there", { memory: 9 }, 1],
  ])("rejects one %s", (_, over, size) => {
    introduce(over, size);
    expect(broker.sawError).toBe(true);
    expect(b.node.links).toEqual([]);
    expect(net.world.liveObjects()).toMatchObject({ memories: 0, mappings: 0 });
  });

  it("rejects one whose memory cannot be mapped, also when it would ignore it", () => {
    introduce({});
    net.world.faults.refuse({ operation: "MapSharedMemory" });
    introduce({});
    expect(broker.sawError).toBe(true);
  });

  it("ignores refusals of what it did not ask for", () => {
    broker.send(RejectIntroduction, { name: W });
    expect(broker.sawError).toBe(false);
  });
});
