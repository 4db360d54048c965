/**
 * Direct handshakes that succeed, and two brokers that must not connect: what is sent, and how portals are bound
 * (spec: wire 3.1-3.3, 3.7).
 */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { IPCZ_CONNECT_NODE_TO_BROKER as TO_BROKER } from "@ipcz/api";
import { PRIMARY_BUFFER_BYTES } from "../../../src/memory/primary-buffer.ts";
import { decodeParams } from "../../../src/wire/decode.ts";
import { FOLDED_HIGH_BIT, NO_NODE, type NodeName } from "../../../src/wire/ids.ts";
import {
  ConnectFromBrokerToBroker,
  ConnectFromBrokerToNonBroker,
  ConnectFromNonBrokerToBroker,
} from "../../../src/wire/messages/connect.ts";
import type { MessageOf, MessageSchema } from "../../../src/wire/schema.ts";
import { Network } from "../network.ts";

const hello = { protocolVersion: 0, numInitialPortals: 1, features: [0n] };

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
