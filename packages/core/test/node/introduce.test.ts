/**
 * Brokers that introduce nodes to each other, in one network and across two (spec: wire 3.6; routing 10.3). Twin of
 * introductions.test.ts.
 */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { PRIMARY_BUFFER_BYTES } from "../../src/memory/primary-buffer.ts";
import type { NodeName } from "../../src/wire/ids.ts";
import {
  AcceptIntroduction,
  RejectIntroduction,
  RequestIndirectIntroduction,
  RequestIntroduction,
} from "../../src/wire/messages/introduce.ts";
import { decodeParams } from "../../src/wire/decode.ts";
import type { MessageOf } from "../../src/wire/schema.ts";
import { establish, introduction, W, X, Y } from "./introducing.ts";
import { Network, type RawPeer, type TestNode } from "./network.ts";

const GREATEST = "ffffffffffffffffffffffffffffffff" as NodeName;
const LEAST = "00000000000000000000000000000001" as NodeName;

let net: Network;
beforeEach(() => {
  net = new Network();
});
afterEach(() => net.end());

function introductionIn(raw: RawPeer): MessageOf<typeof AcceptIntroduction> {
  const bytes = raw.frames.find((frame) => frame[2] === AcceptIntroduction.id);
  const message = bytes && decodeParams(AcceptIntroduction, bytes, bytes.length, 24, 2);
  if (!message) throw new Error("no introduction came");
  return message;
}

/** Two brokers, the first with the greater name: it is side A of their link. */
function twoBrokers(): [TestNode, TestNode] {
  const [a, b] = [net.broker("first"), net.broker("second")];
  net.joinBrokers(a, b);
  return a.node.name > b.node.name ? [a, b] : [b, a];
}

describe("a broker", () => {
  it("refuses to introduce a node to itself, the broker", () => {
    const a = net.broker("A");
    const [raw] = net.rawMember(a);
    raw.send(RequestIntroduction, { name: a.node.name });
    expect(raw.received.at(-1)).toBe(RejectIntroduction.id);
  });

  it("gives a node that asks for itself both ends", () => {
    const a = net.broker("A");
    const [raw, name] = net.rawMember(a);
    raw.send(RequestIntroduction, { name });
    expect(raw.received.slice(1)).toEqual([AcceptIntroduction.id, AcceptIntroduction.id]);
    expect(raw.frames.slice(1).map((frame) => frame[48])).toEqual([0, 1]);
  });

  it("does not tear an introduction apart when the first node asks again on its stack", () => {
    const a = net.broker("A");
    const [first] = net.rawMember(a);
    const [second, name] = net.rawMember(a);
    const firstName = a.node.links[0]!.remoteName;
    first.onReceive = (id) => {
      if (id === AcceptIntroduction.id) second.send(RequestIntroduction, { name: firstName });
    };
    first.send(RequestIntroduction, { name });
    expect(first.received.filter((id) => id === AcceptIntroduction.id).length).toBe(1);
    expect(second.received.filter((id) => id === AcceptIntroduction.id).length).toBe(1);
    expect(introductionIn(first)).toMatchObject({ name, linkSide: 0 });
    expect(introductionIn(second)).toMatchObject({ name: firstName, linkSide: 1 });
  });

  it("describes each node to the other", () => {
    const a = net.broker("A");
    const b = net.add("B", { memV2: true });
    net.join(a, b);
    const [raw] = net.rawMember(a);
    raw.send(RequestIntroduction, { name: b.node.name });
    const expected = { name: b.node.name, linkSide: 0, remoteNodeType: 1, remoteFeatures: [1n] };
    expect(introductionIn(raw)).toMatchObject(expected);
  });

  it("asks other brokers for a name it does not know; the first that finds it counts", () => {
    const a = net.broker("A");
    const brokers = [net.rawOtherBroker(a, W), net.rawOtherBroker(a, X)];
    const answers = establish(a, Y);
    for (const raw of brokers) expect(raw.received.at(-1)).toBe(RequestIntroduction.id);
    brokers[0]!.send(RejectIntroduction, { name: Y });
    expect(answers).toEqual([]);
    const [mine, theirs] = brokers[1]!.driver.createTransports("broker", "normal");
    net.take(brokers[1]!.driver, theirs);
    brokers[1]!.send(AcceptIntroduction, introduction(Y), [
      net.object(brokers[1]!.driver, mine),
      brokers[1]!.memory(PRIMARY_BUFFER_BYTES),
    ]);
    expect(answers).toEqual([a.node.find(Y)]);
    expect(a.node.connections.find(Y)?.introducer?.remoteName).toBe(X);
  });

  it("fails when the last of the others has refused or is lost", () => {
    const a = net.broker("A");
    const brokers = [net.rawOtherBroker(a, W), net.rawOtherBroker(a, X)];
    const answers = establish(a, Y);
    brokers[0]!.driver.Close(brokers[0]!.transport, 0, null);
    expect(answers).toEqual([]);
    brokers[1]!.send(RejectIntroduction, { name: Y });
    expect(answers).toEqual([null]);
  });

  it("ignores a broker that asks for a broker, and one that introduces a broker", () => {
    const a = net.broker("A");
    const [one, other] = [net.rawOtherBroker(a, W), net.rawOtherBroker(a, X)];
    one.send(RequestIntroduction, { name: X });
    one.send(RequestIntroduction, { name: W });
    expect([one.received.length, other.received.length]).toEqual([1, 1]);
    one.send(AcceptIntroduction, { ...introduction(Y), remoteNodeType: 0 }, [
      one.deadTransport(),
      one.memory(PRIMARY_BUFFER_BYTES),
    ]);
    expect(a.node.find(Y)).toBeNull();
    expect(one.sawError).toBe(false);
  });

  it("does not let two brokers wait for each other's answer", () => {
    const [a, b] = twoBrokers();
    const members = [net.add("C"), net.add("D")];
    net.join(a, members[0]!);
    net.join(b, members[1]!);
    for (const member of members) expect(establish(member, W)).toEqual([null]);
    expect(establish(a, W)).toEqual([null]);
    expect(a.node.pendingCount + b.node.pendingCount).toBe(0);
  });

  it("asks no further when the first broker has found the node on its stack", () => {
    const a = net.broker("A");
    const [one, other] = [net.rawOtherBroker(a, W), net.rawOtherBroker(a, X)];
    one.onReceive = () => net.introduceRaw(one, Y);
    expect(establish(a, Y)).toEqual([a.node.find(Y)]);
    expect(other.received.length).toBe(1);
  });

  it("knows through whom it knows a node", () => {
    const a = net.broker("A");
    const other = net.rawOtherBroker(a, W);
    net.introduceRaw(other, Y);
    const [, member] = net.rawMember(a);
    const broker = a.node.connections.find(W)?.link;
    const introducers = [W, Y, member].map((name) => a.node.connections.find(name)?.introducer);
    expect(introducers).toEqual([broker, broker, null]);
  });

  it("does not ask a broker for what that one asks", () => {
    const a = net.broker("A");
    const [one, other] = [net.rawOtherBroker(a, W), net.rawOtherBroker(a, X)];
    one.send(RequestIntroduction, { name: Y });
    expect(one.received.length).toBe(1);
    expect(other.received.at(-1)).toBe(RequestIntroduction.id);
    other.send(RejectIntroduction, { name: Y });
    expect(one.received.at(-1)).toBe(RejectIntroduction.id);
  });

  it("refuses a broker at once what it has asked of that broker only", () => {
    const a = net.broker("A");
    const other = net.rawOtherBroker(a, W);
    const answers = establish(a, Y);
    other.send(RequestIntroduction, { name: Y });
    expect(other.received.slice(1)).toEqual([RequestIntroduction.id, RejectIntroduction.id]);
    expect(answers).toEqual([]);
  });

  it("introduces by itself when the broker that should is failing", () => {
    const a = net.broker("A");
    const other = net.rawOtherBroker(a, GREATEST);
    net.introduceRaw(other, Y);
    const [member] = net.rawMember(a);
    a.call(() => {
      a.node.connections.find(GREATEST)?.link.fail();
      member.send(RequestIntroduction, { name: Y });
    });
    expect(member.received.at(-1)).toBe(AcceptIntroduction.id);
  });

  it("refuses what another broker was to answer when that one is lost", () => {
    const a = net.broker("A");
    const other = net.rawOtherBroker(a, GREATEST);
    net.introduceRaw(other, Y);
    const gone = net.introduceRaw(other, W);
    const [asks, leaves] = [net.rawMember(a)[0], net.rawMember(a)[0]];
    for (const member of [asks, leaves])
      for (const name of [Y, W]) member.send(RequestIntroduction, { name });
    expect(other.received.filter((id) => id === RequestIndirectIntroduction.id)).toHaveLength(4);
    gone.driver.Close(gone.transport, 0, null);
    leaves.driver.Close(leaves.transport, 0, null);
    expect(asks.received.at(-1)).not.toBe(RejectIntroduction.id);
    other.driver.Close(other.transport, 0, null);
    const refused = asks.frames.filter((frame) => frame[2] === RejectIntroduction.id);
    const names = refused.map((bytes) =>
      decodeParams(RejectIntroduction, bytes, bytes.length, 24, 0),
    );
    expect(names).toEqual([{ name: Y }]);
    expect(leaves.received).not.toContain(RejectIntroduction.id);
  });

  it("refuses a broker at once when only that one could still answer", () => {
    const a = net.broker("A");
    const [one, other] = [net.rawOtherBroker(a, W), net.rawOtherBroker(a, X)];
    const answers = establish(a, Y);
    one.send(RequestIntroduction, { name: Y });
    expect(one.received.at(-1)).toBe(RequestIntroduction.id);
    other.send(RejectIntroduction, { name: Y });
    expect(one.received.at(-1)).toBe(RejectIntroduction.id);
    expect(answers).toEqual([]);
    one.send(RejectIntroduction, { name: Y });
    expect(answers).toEqual([null]);
  });

  it("forgets a request whose node is gone", () => {
    const a = net.broker("A");
    const other = net.rawOtherBroker(a, W);
    const [raw] = net.rawMember(a);
    raw.send(RequestIntroduction, { name: Y });
    raw.driver.Close(raw.transport, 0, null);
    other.send(RejectIntroduction, { name: Y });
    expect(a.node.pendingCount).toBe(0);
  });
});

describe("across two networks", () => {
  let a: TestNode;
  let b: TestNode;
  let c: TestNode;
  let d: TestNode;
  /** A and B are brokers, A is side A; C is in A's network, D in B's. */
  beforeEach(() => {
    [a, b] = twoBrokers();
    [c, d] = [net.add("C"), net.add("D")];
    net.join(a, c);
    net.join(b, d);
    net.frames.length = 0;
  });

  const nameOf = { a: () => a, b: () => b, c: () => c, d: () => d };
  type Which = keyof typeof nameOf;

  it.each<[Which, Which]>([
    ["a", "d"],
    ["b", "c"],
    ["c", "b"],
    ["d", "a"],
    ["c", "d"],
    ["d", "c"],
  ])("%s gets a link to %s", (from, to) => {
    const [one, other] = [nameOf[from](), nameOf[to]()];
    const [link] = establish(one, other.node.name);
    expect(link).toMatchObject({ remoteName: other.node.name });
    expect(other.node.find(one.node.name)).toMatchObject({ localName: other.node.name });
    expect(link!.side).toBe(1 - other.node.find(one.node.name)!.side);
    for (const node of net.nodes) expect(node.node.pendingCount).toBe(0);
  });

  it("side A of the brokers' link introduces; the requester is side A when it asks there", () => {
    const [link] = establish(c, d.node.name);
    expect(link!.side).toBe(0);
    expect(net.ids(13)).toEqual([]);
  });

  it("side B passes the request on; then the target is side A", () => {
    const [link] = establish(d, c.node.name);
    expect(link!.side).toBe(1);
    expect(net.ids(13)).toEqual([`${a.name}:13`]);
  });

  it("members get one link when both ask at once", () => {
    establish(c, b.node.name);
    establish(d, a.node.name);
    const answers = [establish(c, d.node.name), establish(d, c.node.name)];
    expect(answers[0]).toEqual([c.node.find(d.node.name)]);
    expect(answers[1]).toEqual([d.node.find(c.node.name)]);
  });

  it("works for routes: a portal that went through both brokers ends on a direct link", () => {
    const link = establish(c, d.node.name)[0];
    expect(link!.isDead).toBe(false);
    a.close();
    // D's link to C is not its broker's business; C's own broker is gone.
    expect(c.node.links).toEqual([]);
    expect(d.node.find(c.node.name)).toBeNull();
    expect(d.node.links.map(({ remoteName }) => remoteName)).toEqual([b.node.name]);
  });

  it("a broker introduces by itself when the other one is gone", () => {
    const target = establish(b, c.node.name)[0];
    expect(target).not.toBeNull();
    const link = b.node.find(a.node.name)!;
    b.driver.cut(b.node.connections.of(link)!.link.transportHandle);
    expect(b.node.find(c.node.name)).toBe(target);
    net.frames.length = 0;
    const [made] = establish(d, c.node.name);
    expect(made).toMatchObject({ remoteName: c.node.name, side: 0 });
    expect(net.ids(13)).toEqual([]);
  });
});

describe("an indirect introduction", () => {
  let a: TestNode;
  let member: TestNode;
  /** The test plays the other broker, side B of the link. */
  let other: RawPeer;
  beforeEach(() => {
    a = net.broker("A");
    member = net.add("C");
    net.join(a, member);
    other = net.rawOtherBroker(a, LEAST);
  });

  it("makes the target side A", () => {
    const [source, name] = net.rawMember(a);
    other.send(RequestIndirectIntroduction, { sourceNode: name, targetNode: member.node.name });
    expect(introductionIn(source)).toMatchObject({ name: member.node.name, linkSide: 1 });
    expect(member.node.find(name)).toMatchObject({ side: 0 });
  });

  it("asks the other broker for the source, and tells the target when there is none", () => {
    net.frames.length = 0;
    other.send(RequestIndirectIntroduction, { sourceNode: X, targetNode: member.node.name });
    expect(other.received.at(-1)).toBe(RequestIntroduction.id);
    other.send(RejectIntroduction, { name: X });
    expect(net.ids(12).at(-1)).toBe("C:12");
  });

  it("of two unknown nodes has no effect", () => {
    other.send(RequestIndirectIntroduction, { sourceNode: X, targetNode: Y });
    other.send(RejectIntroduction, { name: X });
    expect(other.sawError).toBe(false);
  });

  it("tells the source when the target is unknown", () => {
    const [source, name] = net.rawMember(a);
    other.send(RequestIndirectIntroduction, { sourceNode: name, targetNode: Y });
    expect(source.received.at(-1)).toBe(RejectIntroduction.id);
  });

  it("tells the source when there is no memory", () => {
    const [source, name] = net.rawMember(a);
    net.world.faults.refuse({ operation: "AllocateSharedMemory" });
    other.send(RequestIndirectIntroduction, { sourceNode: name, targetNode: member.node.name });
    expect(source.received.at(-1)).toBe(RejectIntroduction.id);
  });

  it("is rejected on side B, and from a member", () => {
    const greatest = net.rawOtherBroker(a, GREATEST);
    const values = { sourceNode: X, targetNode: member.node.name };
    greatest.send(RequestIndirectIntroduction, values);
    expect(greatest.sawError).toBe(true);
    const [raw] = net.rawMember(a);
    raw.send(RequestIndirectIntroduction, values);
    expect(raw.sawError).toBe(true);
  });
});
