/**
 * The captured scenarios of three nodes and of two networks.
 */
import {
  IPCZ_CONNECT_NODE_INHERIT_BROKER,
  IPCZ_CONNECT_NODE_SHARE_BROKER,
  type IpczHandle,
} from "@ipcz/api";
import type { NodeSetup, ReplayNode } from "./replay-node.ts";
import { at, type Stage, type Story } from "./stage.ts";

const ACCEPT_INTRODUCTION = 11;

/** Broker B with normal nodes A and C. */
interface Trio {
  readonly a: ReplayNode;
  readonly b: ReplayNode;
  readonly c: ReplayNode;
  /** Initial portals of A towards B. */
  readonly ab: IpczHandle[];
  readonly ba: IpczHandle[];
  readonly bc: IpczHandle[];
  readonly cb: IpczHandle[];
}

async function trioOf(
  stage: Stage,
  {
    portalsAB = 1,
    portalsBC = 1,
    setup = {},
  }: { portalsAB?: number; portalsBC?: number; setup?: NodeSetup } = {},
): Promise<Trio> {
  const b = stage.broker("B", setup);
  const a = stage.node("A", setup);
  const [ba, ab] = await stage.connect(b, a, { portals: portalsAB });
  const c = stage.node("C", setup);
  const [bc, cb] = await stage.connect(b, c, { portals: portalsBC });
  return { a, b, c, ab, ba, bc, cb };
}

function transferBypass(setup: NodeSetup): Story {
  return async (stage) => {
    const { a, b, c, ab, ba, bc, cb } = await trioOf(stage, { setup });
    const [kept, given] = a.open();
    a.put(at(ab, 0), "take1", given);
    await stage.quiet();
    const atB = b.getHandle(at(ba, 0));
    a.put(kept, "early");
    await stage.quiet();
    b.get(atB);
    b.put(at(bc, 0), "take2", atB);
    await stage.quiet();
    const atC = c.getHandle(at(cb, 0));
    a.put(kept, "direct-A-to-C");
    await stage.quiet();
    c.get(atC);
    c.put(atC, "direct-C-to-A");
    await stage.quiet();
    a.get(kept);
    a.close(kept);
    await stage.quiet();
    c.close(atC);
    await stage.quiet();
  };
}

const freshBypass: Story = async (stage) => {
  const { a, b, c, ab, ba, bc, cb } = await trioOf(stage, { portalsAB: 2 });
  const toA = { from: "B", to: "A" };
  // A's parcel overtakes A's introduction: it goes by way of B, which is a proxy by then.
  stage.network.hold(toA);
  b.put(at(bc, 0), "init1", at(ba, 1));
  await stage.quiet();
  a.put(at(ab, 1), "via");
  await stage.quiet();
  stage.network.release(toA);
  await stage.quiet();
  const atC = c.getHandle(at(cb, 0));
  c.get(atC);
  c.put(atC, "back");
  await stage.quiet();
  a.get(at(ab, 1));
  a.put(at(ab, 1), "again");
  await stage.quiet();
  c.get(atC);
};

const flushRouter: Story = async (stage) => {
  const { a, b, c, ab, ba, bc, cb } = await trioOf(stage, { portalsAB: 2 });
  const toC = { from: "A", to: "C" };
  stage.network.hold(toC);
  b.put(at(bc, 0), "init1", at(ba, 1));
  await stage.quiet();
  a.close(at(ab, 1));
  await stage.quiet();
  stage.network.release(toC);
  await stage.quiet();
  c.get(at(cb, 0));
};

const mergeThreeNodes: Story = async (stage) => {
  const { a, b, c, ab, ba, bc, cb } = await trioOf(stage);
  b.merge(at(ba, 0), at(bc, 0));
  await stage.quiet();
  a.put(at(ab, 0), "x-bridge");
  await stage.quiet();
  c.get(at(cb, 0));
  c.put(at(cb, 0), "y-bridge");
  await stage.quiet();
  a.get(at(ab, 0));
};

const relayedBox: Story = async (stage) => {
  const { a, b, c, ab, ba, bc, cb } = await trioOf(stage);
  a.recording.refused.add("C");
  c.recording.refused.add("A");
  b.put(at(bc, 0), "intro", at(ba, 0));
  await stage.quiet();
  const atC = c.getHandle(at(cb, 0));
  a.put(at(ab, 0), "with-box", a.boxMemory(4096));
  await stage.quiet();
  c.get(atC);
  for (let round = 0; round < 2; round += 1) {
    a.put(at(ab, 0), new Uint8Array(20_000).fill(0x5a));
    await stage.quiet();
    c.get(atC);
  }
};

const disconnectThroughProxy: Story = async (stage) => {
  stage.network.drop(ACCEPT_INTRODUCTION);
  const { a, b, c, ab, ba, bc, cb } = await trioOf(stage, { portalsBC: 2 });
  b.put(at(bc, 0), "init", at(ba, 0));
  await stage.quiet();
  const atC = c.getHandle(at(cb, 0));
  a.put(at(ab, 0), "proxied");
  await stage.quiet();
  c.get(atC);
  c.put(atC, "proxied back");
  await stage.quiet();
  a.get(at(ab, 0));
  a.closeNode();
  await stage.quiet();
};

const introductionRejected: Story = async (stage) => {
  const { a, b, c, ba, bc, cb } = await trioOf(stage);
  const toC = { from: "B", to: "C" };
  stage.network.hold(toC);
  b.put(at(bc, 0), "init", at(ba, 0));
  await stage.quiet();
  a.closeNode();
  await stage.quiet();
  stage.network.release(toC);
  await stage.quiet();
  c.get(at(cb, 0));
};

const referral: Story = async (stage) => {
  const a = stage.broker("A");
  const b = stage.node("B");
  await stage.connect(a, b, { portals: 1 });
  const c = stage.node("C");
  const [offered, newcomers] = stage.transports(b, c);
  stage.christen(a, "C");
  const bc = b.connect(offered, 2, IPCZ_CONNECT_NODE_SHARE_BROKER);
  await stage.quiet();
  const cb = c.connect(newcomers, 2, IPCZ_CONNECT_NODE_INHERIT_BROKER);
  await stage.quiet();
  b.put(at(bc, 1), "hello C");
  await stage.quiet();
  c.get(at(cb, 1));
  c.put(at(cb, 0), "hello B");
  await stage.quiet();
  b.get(at(bc, 0));
};

/** Brokers A and B; A's normal node C, B's normal node D. */
interface TwoNetworks {
  readonly a: ReplayNode;
  readonly b: ReplayNode;
  readonly c: ReplayNode;
  readonly d: ReplayNode;
  readonly ab: IpczHandle;
  readonly ba: IpczHandle;
  readonly ac: IpczHandle;
  readonly ca: IpczHandle;
  readonly bd: IpczHandle;
  readonly db: IpczHandle;
}

async function twoNetworks(stage: Stage): Promise<TwoNetworks> {
  const a = stage.broker("A");
  const b = stage.broker("B");
  const [ab, ba] = await stage.connect(a, b, { portals: 1 });
  const c = stage.node("C");
  const [ac, ca] = await stage.connect(a, c, { portals: 1 });
  const d = stage.node("D");
  const [bd, db] = await stage.connect(b, d, { portals: 1 });
  return {
    a,
    b,
    c,
    d,
    ab: at(ab, 0),
    ba: at(ba, 0),
    ac: at(ac, 0),
    ca: at(ca, 0),
    bd: at(bd, 0),
    db: at(db, 0),
  };
}

const brokerToBroker: Story = async (stage) => {
  const { a, b, c, d, ab, ba, ac, ca, bd, db } = await twoNetworks(stage);
  const [kept, given] = c.open();
  c.put(ca, "s1", given);
  await stage.quiet();
  a.put(ab, "s2", a.getHandle(ac));
  await stage.quiet();
  b.put(bd, "s3", b.getHandle(ba));
  await stage.quiet();
  const atD = d.getHandle(db);
  c.put(kept, "c->d");
  await stage.quiet();
  d.get(atD);
  d.put(atD, "d->c");
  await stage.quiet();
  c.get(kept);
};

const brokerToBrokerReversed: Story = async (stage) => {
  const { a, b, c, d, ab, ba, ac, ca, bd, db } = await twoNetworks(stage);
  const [kept, given] = d.open();
  d.put(db, "s1", given);
  await stage.quiet();
  b.put(ba, "s2", b.getHandle(bd));
  await stage.quiet();
  a.put(ac, "s3", a.getHandle(ab));
  await stage.quiet();
  const atC = c.getHandle(ca);
  d.put(kept, "d->c");
  await stage.quiet();
  c.get(atC);
  c.put(atC, "c->d");
  await stage.quiet();
  d.get(kept);
};

/** By the captures' names. */
export const networkStories: Readonly<Record<string, Story>> = {
  portal_transfer_bypass: transferBypass({}),
  portal_transfer_bypass_memv2: transferBypass({ memV2: true }),
  portal_transfer_fresh_bypass: freshBypass,
  flush_router: flushRouter,
  merge_portals_three_nodes: mergeThreeNodes,
  box_relayed_split_parcel: relayedBox,
  disconnect_through_proxy: disconnectThroughProxy,
  introduction_rejected: introductionRejected,
  referral,
  broker_to_broker: brokerToBroker,
  broker_to_broker_reversed: brokerToBrokerReversed,
};
