/**
 * The captured scenarios of two nodes: broker A and normal node B.
 */
import {
  IPCZ_CONNECT_NODE_SHARE_BROKER,
  IPCZ_CONNECT_NODE_TO_ALLOCATION_DELEGATE,
  type IpczHandle,
} from "@ipcz/api";
import type { NodeSetup, ReplayNode } from "./replay-node.ts";
import { at, type Connecting, type Stage, type Story } from "./stage.ts";

interface Pair {
  readonly a: ReplayNode;
  readonly b: ReplayNode;
  /** Initial portals of A. */
  readonly as: IpczHandle[];
  /** Initial portals of B. */
  readonly bs: IpczHandle[];
  /** The first of each. */
  readonly pa: IpczHandle;
  readonly pb: IpczHandle;
}

async function pairOf(
  stage: Stage,
  how: {
    readonly a?: NodeSetup;
    readonly b?: NodeSetup;
    readonly connecting?: Connecting;
  } = {},
): Promise<Pair> {
  const a = stage.broker("A", how.a);
  const b = stage.node("B", how.b);
  const [as, bs] = await stage.connect(a, b, how.connecting ?? { portals: 1 });
  return { a, b, as, bs, pa: at(as, 0), pb: at(bs, 0) };
}

/** `count` times the same byte. */
function filled(count: number, byte: number): Uint8Array {
  return new Uint8Array(count).fill(byte);
}

/** The 100 KiB of the captures. */
function patterned(): Uint8Array {
  return Uint8Array.from({ length: 100 * 1024 }, (_, index) => 3 + 7 * index);
}

function handshake(setup: NodeSetup): Story {
  return async (stage) => {
    const { a, b, pa, pb } = await pairOf(stage, { a: setup, b: setup });
    a.put(pa, "hello");
    await stage.quiet();
    b.get(pb);
    b.put(pb, "world");
    await stage.quiet();
    a.get(pa);
    a.close(pa);
    await stage.quiet();
    b.close(pb);
    await stage.quiet();
    b.closeNode();
    await stage.quiet();
    a.closeNode();
    await stage.quiet();
  };
}

const handshakeMemV2OneSide: Story = async (stage) => {
  const { a, b, pa, pb } = await pairOf(stage, { a: { memV2: true } });
  b.put(pb, "pb", b.open()[1]);
  await stage.quiet();
  a.get(pa);
  a.put(pa, "pa", a.open()[1]);
  await stage.quiet();
  b.get(pb);
  b.put(pb, filled(6000, 0x62));
  await stage.quiet();
  a.get(pa);
};

const earlyPut: Story = async (stage) => {
  const a = stage.broker("A");
  const b = stage.node("B");
  const atOnce = (as: IpczHandle[], bs: IpczHandle[]): void => {
    a.put(at(as, 0), "early from A");
    b.put(at(bs, 0), "early from B");
  };
  await stage.connect(a, b, { portals: 1, atOnce });
};

function largeParcel(setup: NodeSetup): Story {
  return async (stage) => {
    const { a, b, pa, pb } = await pairOf(stage, { a: setup, b: setup });
    for (const data of [patterned(), patterned()]) {
      a.put(pa, data);
      await stage.quiet();
      b.get(pb);
    }
    b.put(pb, filled(300, 0x71));
    b.put(pb, filled(5000, 0x72));
    await stage.quiet();
    a.get(pa);
    a.get(pa);
    b.put(pb, filled(5000, 0x73));
    await stage.quiet();
    a.get(pa);
    a.put(pa, filled(56, 0x65));
    a.put(pa, filled(57, 0x66));
    a.put(pa, "");
    await stage.quiet();
    b.get(pb);
    b.get(pb);
    b.get(pb);
  };
}

const memoryDelegate: Story = async (stage) => {
  const { a, b, pa, pb } = await pairOf(stage, {
    connecting: { portals: 1, flagsOfSecond: IPCZ_CONNECT_NODE_TO_ALLOCATION_DELEGATE },
  });
  b.put(pb, filled(20000, 0x44));
  await stage.quiet();
  a.get(pa);
  b.put(pb, filled(20000, 0x44));
  await stage.quiet();
  a.get(pa);
};

const memV2IdsBothSides: Story = async (stage) => {
  const { a, b, pa, pb } = await pairOf(stage, { a: { memV2: true }, b: { memV2: true } });
  for (let round = 0; round < 2; round += 1) {
    b.put(pb, filled(20_000, 0x62));
    await stage.quiet();
    a.get(pa);
  }
  for (let round = 0; round < 2; round += 1) {
    a.put(pa, filled(200_000, 0x61));
    await stage.quiet();
    b.get(pb);
  }
  a.put(pa, "pa", a.open()[1]);
  await stage.quiet();
  b.get(pb);
  b.put(pb, "pb", b.open()[1]);
  await stage.quiet();
  a.get(pa);
};

const boxDriverObject: Story = async (stage) => {
  const { a, b, pa, pb } = await pairOf(stage);
  a.put(pa, "box", a.boxMemory(4096), a.boxMemory(4096));
  await stage.quiet();
  const boxes = b.get(pb).handles;
  b.put(pb, "", at(boxes, 0), b.open()[1], at(boxes, 1));
  await stage.quiet();
  a.get(pa);
};

const subparcels: Story = async (stage) => {
  const { a, b, pa, pb } = await pairOf(stage);
  const one = a.boxObject(Uint8Array.of(0xdd, 0xcc, 0xbb, 0xaa));
  const two = a.boxObject(Uint8Array.of(0x44, 0x33, 0x22, 0x11));
  a.put(pa, "main", one, a.boxMemory(4096), two);
  await stage.quiet();
  b.get(pb);
};

const roundtrip: Story = async (stage) => {
  const { a, b, pa, pb } = await pairOf(stage);
  a.put(pa, "go", a.open()[1]);
  await stage.quiet();
  b.put(pb, "back", b.getHandle(pb));
  await stage.quiet();
  a.get(pa);
};

const mergePortals: Story = async (stage) => {
  const { a, b, as, bs } = await pairOf(stage, { connecting: { portals: 2 } });
  const [kept, given] = a.open();
  a.merge(at(as, 1), given);
  await stage.quiet();
  a.put(kept, "merged");
  await stage.quiet();
  b.get(at(bs, 1));
  b.put(at(bs, 1), "ok");
  await stage.quiet();
  a.get(kept);
};

const closeVariants: Story = async (stage) => {
  const { a, b, as, bs } = await pairOf(stage, { connecting: { portals: 3, portalsOfSecond: 5 } });
  a.put(at(as, 0), "x1");
  a.put(at(as, 0), "x2");
  a.close(at(as, 0));
  await stage.quiet();
  b.get(at(bs, 0));
  b.get(at(bs, 0));
  b.close(at(bs, 0));
  await stage.quiet();
  b.close(at(bs, 1));
  a.close(at(as, 1));
  await stage.quiet();
  const [closed, orphan] = a.open();
  a.put(closed, "queued");
  a.close(closed);
  a.put(at(as, 2), "closed-peer", orphan);
  await stage.quiet();
  const received = b.getHandle(at(bs, 2));
  b.get(received);
  b.close(received);
  await stage.quiet();
  a.closeNode();
  await stage.quiet();
};

const disconnect: Story = async (stage) => {
  const { a, b, pa, pb } = await pairOf(stage);
  a.put(pa, "a");
  await stage.quiet();
  b.get(pb);
  b.closeNode();
  await stage.quiet();
};

const referralRejected: Story = async (stage) => {
  const { b } = await pairOf(stage);
  const stranger = stage.node("C");
  const [offered, strangers] = stage.transports(b, stranger);
  b.connect(offered, 1, IPCZ_CONNECT_NODE_SHARE_BROKER);
  await stage.quiet();
  stranger.recording.driver.Close(strangers, 0, null);
  await stage.quiet();
};

/** By the captures' names. */
export const twoNodeStories: Readonly<Record<string, Story>> = {
  handshake_1portal_parcels: handshake({}),
  handshake_1portal_parcels_memv2: handshake({ memV2: true }),
  handshake_memv2_one_side: handshakeMemV2OneSide,
  early_put: earlyPut,
  large_parcel: largeParcel({}),
  large_parcel_memv2: largeParcel({ memV2: true }),
  large_parcel_fixed_capacity: largeParcel({ fixedCapacity: true }),
  memory_delegate: memoryDelegate,
  memv2_ids_both_sides: memV2IdsBothSides,
  box_driver_object: boxDriverObject,
  subparcels_application_object: subparcels,
  portal_roundtrip_local_bypass: roundtrip,
  merge_portals: mergePortals,
  close_variants: closeVariants,
  no_broker_disconnect: disconnect,
  referral_rejected: referralRejected,
};
