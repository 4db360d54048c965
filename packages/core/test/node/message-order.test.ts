/**
 * The same stories as in the recorded traffic of the C library: on every link the same messages in the same order, one
 * direction at a time (spec: wire 7).
 */
import { IPCZ_CONNECT_NODE_TO_ALLOCATION_DELEGATE as TO_DELEGATE } from "@ipcz/api";
import { afterEach, expect, it } from "vitest";
import { CAPTURES } from "../wire/captures.ts";
import { Network, type TestNode } from "./network.ts";

const SEED = 20_260_711;

let net: Network;
afterEach(() => net.end());

interface LinkFrame {
  readonly link: string;
  readonly to: string;
  readonly messageId: number;
}

/** One line for each direction of a link: who receives, and which messages. */
function directions(frames: readonly { line: string; to: string; id: number }[]): string[] {
  const sequences = new Map<string, string>();
  for (const { line, to, id } of frames) {
    if (id < 0) continue;
    const key = `${line}>${to}`;
    sequences.set(key, `${sequences.get(key) ?? to} ${id}`);
  }
  return [...sequences.values()].toSorted();
}

/** What passed, and what passed in the capture. */
function compared(scenario: string): [found: string[], captured: string[]] {
  const capture = CAPTURES.find((one) => one.scenario === scenario);
  const frames = capture?.frames as readonly (LinkFrame & { from: string })[] | undefined;
  if (!frames) throw new Error(`no capture ${scenario}`);
  const expected = frames.map(({ link, to, messageId }) => ({ line: link, to, id: messageId }));
  const found = net.frames.map(({ line, to, id }) => ({ line: String(line), to, id }));
  return [directions(found), directions(expected)];
}

function start(): void {
  net = new Network({ schedule: "seeded", seed: SEED });
}

/** Two brokers, the second with the greater name. */
function brokersInOrder(): [TestNode, TestNode] {
  const a = net.broker("A");
  for (;;) {
    const b = net.broker("B");
    if (b.node.name > a.node.name) return [a, b];
  }
}

it("a handshake, a parcel each way, and the end", () => {
  start();
  const [a, b] = [net.broker("A"), net.add("B")];
  const { ours, theirs } = net.join(a, b);
  a.put(ours[0]!, "hello");
  net.run();
  b.put(theirs[0]!, "world");
  net.run();
  expect([a.get(ours[0]!), b.get(theirs[0]!)]).toEqual(["world", "hello"]);
  a.closePortals();
  net.run();
  b.closePortals();
  b.close();
  net.run();
  const [found, captured] = compared("handshake_1portal_parcels");
  expect({ seed: SEED, found }).toEqual({ seed: SEED, found: captured });
});

it("a referral and a parcel each way", () => {
  start();
  const [a, b, c] = [net.broker("A"), net.add("B"), net.add("C")];
  net.join(a, b);
  const [ours, theirs] = net.refer(b, c, 2);
  b.put(ours[1]!, "hello");
  net.run();
  c.put(theirs[0]!, "world");
  net.run();
  const [found, captured] = compared("referral");
  expect({ seed: SEED, found }).toEqual({ seed: SEED, found: captured });
});

it("a referral that is rejected", () => {
  start();
  const [a, b] = [net.broker("A"), net.add("B")];
  net.join(a, b);
  const [t0, raw] = net.raw(b);
  raw.driver.Close(raw.transport, 0, null);
  const [portal] = b.connect(t0, 0x4);
  net.run();
  expect(portal!.isDead).toBe(true);
  const [found, captured] = compared("referral_rejected");
  expect({ seed: SEED, found }).toEqual({ seed: SEED, found: captured });
});

it.each(["broker_to_broker", "broker_to_broker_reversed"])(
  "a portal that travels through two networks (%s)",
  (scenario) => {
    start();
    const [a, b] = brokersInOrder();
    const [c, d] = [net.add("C"), net.add("D")];
    const [pab, pba] = net.joinBrokers(a, b);
    const ac = net.join(a, c);
    const bd = net.join(b, d);
    const forward = [
      { node: c, to: ac.theirs[0]! },
      { node: a, from: ac.ours[0]!, to: pab },
      { node: b, from: pba, to: bd.ours[0]! },
      { node: d, from: bd.theirs[0]! },
    ];
    const backward = [
      { node: d, to: bd.theirs[0]! },
      { node: b, from: bd.ours[0]!, to: pba },
      { node: a, from: pab, to: ac.ours[0]! },
      { node: c, from: ac.theirs[0]! },
    ];
    const hops = scenario === "broker_to_broker" ? forward : backward;
    const first = hops[0]!.node;
    const [kept, sent] = first.openPair();
    let portal = sent;
    for (const { node, from, to } of hops) {
      if (from) portal = node.takePortal(from);
      if (to) node.put(to, "portal", [node.disown(portal)]);
      net.run();
    }
    const last = hops[3]!.node;
    first.put(kept, "hello");
    net.run();
    last.put(portal, "world");
    net.run();
    expect([first.get(kept), last.get(portal)]).toEqual(["world", "hello"]);
    const [found, captured] = compared(scenario);
    expect({ seed: SEED, found }).toEqual({ seed: SEED, found: captured });
  },
);

it("an introduction that is rejected", () => {
  start();
  const [b, a, c] = [net.broker("B"), net.add("A"), net.add("C")];
  const ba = net.join(b, a);
  const bc = net.join(b, c);
  net.onFrame = ({ to, id }) => {
    // A's end comes to B's notice just before the request does.
    if (to === "B" && id === 10) b.call(() => b.node.drop(b.node.find(a.node.name)!));
  };
  b.put(bc.ours[0]!, "portal", [b.disown(ba.ours[0]!)]);
  net.run();
  const portal = c.takePortal(bc.theirs[0]!);
  expect(portal.isDead).toBe(true);
  const [found, captured] = compared("introduction_rejected");
  expect({ seed: SEED, found }).toEqual({ seed: SEED, found: captured });
});

it("memory from a delegate", () => {
  start();
  const [a, b] = [net.broker("A"), net.add("B")];
  const { ours, theirs } = net.join(a, b, { flags: TO_DELEGATE });
  for (let round = 0; round < 2; round++) {
    b.put(theirs[0]!, "x".repeat(20_000));
    net.run();
  }
  expect(a.get(ours[0]!)?.length).toBe(20_000);
  const [found, captured] = compared("memory_delegate");
  expect({ seed: SEED, found }).toEqual({ seed: SEED, found: captured });
});
