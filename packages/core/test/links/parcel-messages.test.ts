/** Messages with parcels, or with parts of them: put together, kept, refused (spec: routing 10.5, 10.6; wire 2.2). */
import { describe, expect, it } from "vitest";
import { Limits } from "../../src/base/limits.ts";
import { Router } from "../../src/routing/router.ts";
import {
  HANDLE_DRIVER_OBJECT,
  HANDLE_PORTAL,
  HANDLE_RELAYED_DRIVER_OBJECT,
  HANDLE_SUBPARCEL,
  type RouterDescriptor,
} from "../../src/wire/descriptors.ts";
import { type BufferId, PRIMARY_BUFFER, SIDE_B } from "../../src/wire/ids.ts";
import { AddBlockBuffer } from "../../src/wire/messages/memory.ts";
import { AcceptParcel } from "../../src/wire/messages/parcel.ts";
import { parcelOf } from "../routing/bench.ts";
import { plainDescriptor } from "../wire/plain-descriptor.ts";
import { textOf } from "./application.ts";
import { EARLY, connected, message, objectOf, attached, subparcelIn } from "./parcel-messages.ts";

describe("a parcel's parts", () => {
  const part = (index: number, count: number, text: string, types: number[] = []) =>
    message({
      subparcelIndex: index,
      numSubparcels: count,
      parcelData: new TextEncoder().encode(text),
      handleTypes: types,
    });

  it("are put together in any order", () => {
    const nodes = connected();
    const { net, a, b } = nodes;
    const back = a.linkTo(b);
    back.send(AcceptParcel, part(2, 3, "two"));
    back.send(AcceptParcel, part(0, 3, "main", [HANDLE_SUBPARCEL, HANDLE_SUBPARCEL]));
    back.send(AcceptParcel, part(1, 3, "one"));
    net.run();
    expect(attached(nodes).map((box) => textOf(subparcelIn(box)))).toEqual(["one", "two"]);
  });

  it.each([
    ["twice", [part(1, 3, "x"), part(1, 3, "x")]],
    ["with another count", [part(1, 3, "x"), part(2, 4, "x")]],
    ["past their count", [part(2, 2, "x")]],
    ["of more than 1024", [part(1, 1025, "x")]],
    ["of none", [part(0, 0, "x")]],
    ["with subparcels in them", [part(1, 2, "x", [HANDLE_SUBPARCEL])]],
    ["of which the main one has too few places", [part(0, 3, "x", [HANDLE_SUBPARCEL])]],
  ])("are refused %s", (_what, parts) => {
    const { net, a, b } = connected();
    for (const one of parts) a.linkTo(b).send(AcceptParcel, one);
    net.run();
    expect(net.queue.refusals).toHaveLength(1);
    expect(net.queue.live()).toEqual([]);
  });

  it("are refused when they came early and do not fit together", () => {
    const { net, a, b } = connected();
    for (const count of [2, 3])
      a.linkTo(b).send(AcceptParcel, { ...part(1, count, "x"), sublink: EARLY });
    net.run();
    expect(net.queue.refusals).toEqual([]);
    const link = b.linkTo(a);
    link.bind(EARLY, "outward", SIDE_B, null, new Router(b.world));
    b.event(() => link.deliverEarlyParcels(EARLY));
    expect(b.links.size, "the connection that brought them").toBe(0);
  });

  it("are closed with the connection when the rest has not come", () => {
    const { net, a, b } = connected();
    const objects = [objectOf(a.box())];
    const driverObjects = { first: 0, count: 1 };
    const one = { ...part(1, 2, "x", [HANDLE_DRIVER_OBJECT]), driverObjects };
    a.linkTo(b).send(AcceptParcel, one, objects);
    net.run();
    net.cut(a, b);
    net.run();
    expect([net.queue.refusals, net.queue.live()]).toEqual([[], []]);
  });

  it("are closed when the rest will not be wanted", () => {
    const { net, a, b, pb } = connected();
    const [kept, sent] = a.pair();
    a.linkTo(b).send(AcceptParcel, {
      ...part(1, 2, "x", [HANDLE_PORTAL]),
      newRouters: [a.call(() => sent.depart(a.linkTo(b)))],
    });
    a.call(() => {
      sent.beginProxying();
      sent.release();
    });
    net.run();
    expect(kept.isPeerClosed).toBe(false);
    b.event(() => {
      pb.acceptDisconnected("central");
    });
    net.run();
    expect(kept.isDead).toBe(true);
  });
});

describe("a message with a parcel", () => {
  const descriptor: RouterDescriptor = plainDescriptor(300);

  it.each([
    ["a portal without a descriptor", { handleTypes: [HANDLE_PORTAL] }],
    ["a descriptor without a portal", { newRouters: [descriptor] }],
    ["an object that is not there", { handleTypes: [HANDLE_DRIVER_OBJECT] }],
    ["an unknown kind of attachment", { handleTypes: [4] }],
    ["a subparcel that will not come", { handleTypes: [HANDLE_SUBPARCEL] }],
    [
      "a misaligned fragment",
      { parcelFragment: { bufferId: PRIMARY_BUFFER, offset: 1092, size: 64 } },
    ],
    [
      "a fragment past its buffer",
      { parcelFragment: { bufferId: PRIMARY_BUFFER, offset: 131_064, size: 64 } },
    ],
    [
      "a fragment without room for data",
      { parcelFragment: { bufferId: PRIMARY_BUFFER, offset: 1088, size: 8 } },
    ],
  ])("is refused with %s", (_what, values) => {
    const { net, a, b, pb } = connected();
    a.linkTo(b).send(AcceptParcel, message(values));
    net.run();
    expect(net.queue.refusals).toHaveLength(1);
    expect([pb.localParcels, pb.isDead]).toEqual([0, true]);
    expect(b.census.routers.size).toBe(1);
    expect(net.queue.live()).toEqual([]);
  });

  it("is refused when one of its portals is, and the others are closed", () => {
    const { net, a, b } = connected();
    const [kept, sent] = a.pair();
    const link = a.linkTo(b);
    const good = a.call(() => sent.depart(link));
    const bad = {
      ...plainDescriptor(301),
      nextOutgoingSequenceNumber: Limits.arrivalPositionMax + 1,
    };
    link.send(
      AcceptParcel,
      message({
        handleTypes: [
          HANDLE_RELAYED_DRIVER_OBJECT,
          HANDLE_PORTAL,
          HANDLE_PORTAL,
          HANDLE_DRIVER_OBJECT,
        ],
        newRouters: [good, bad],
        driverObjects: { first: 0, count: 1 },
      }),
      [objectOf(a.box())],
    );
    a.call(() => {
      sent.beginProxying();
      sent.release();
    });
    net.run();
    expect(net.queue.refusals).toHaveLength(1);
    expect(kept.isDead).toBe(true);
    expect(b.census.routers.size, "nothing is left of the good one").toBe(1);
    expect(net.queue.live()).toEqual([]);
  });

  it("is refused when too many wait for a sublink that is not known", () => {
    const { net, a, b } = connected();
    for (let number = 0; number <= Limits.earlyParcelsMax; number++) {
      expect(net.queue.refusals).toEqual([]);
      a.linkTo(b).send(AcceptParcel, message({ sublink: EARLY, sequenceNumber: number }));
      net.run();
    }
    expect(net.queue.refusals).toHaveLength(1);
  });

  it("is refused when too many wait for buffers that are not known", () => {
    const { net, a, b } = connected();
    const { memory } = b.linkTo(a);
    const unknown = { bufferId: 9 as BufferId, offset: 0, size: 64 };
    for (let count = 1; count < Limits.bufferWaitersMax; count++)
      memory.whenBuffer(unknown.bufferId, () => {});
    const send = () => {
      a.linkTo(b).send(AcceptParcel, message({ parcelFragment: unknown }));
      net.run();
      return net.queue.refusals.length;
    };
    expect([send(), send()]).toEqual([0, 1]);
  });

  it("fails the connection when its buffer comes and it is no good part of a parcel", () => {
    const { net, a, b, pb } = connected({ choose: () => ({ memV2: false, freeBlocks: 0 }) });
    const link = a.linkTo(b);
    net.queue.onTransmit = ({ id }) => (id === AddBlockBuffer.id ? "late" : "queue");
    link.memory.tryAllocateLinkState();
    const fragment = link.memory.allocateFragment(64)!;
    const one = message({ subparcelIndex: 1, numSubparcels: 2 });
    link.send(AcceptParcel, { ...one, parcelFragment: fragment.descriptor });
    link.send(AcceptParcel, one);
    net.run();
    expect([net.queue.refusals, pb.isDead, b.links.size]).toEqual([[], true, 0]);
  });

  it("that came early for a link is closed when those before it have ended the link", () => {
    const { net, a, b } = connected();
    const [kept, sent] = a.pair();
    const link = a.linkTo(b);
    link.sendPlainParcel(EARLY, parcelOf("the last", 0));
    const newRouters = [a.call(() => sent.depart(link))];
    const late = { sublink: EARLY, sequenceNumber: 1, handleTypes: [HANDLE_PORTAL], newRouters };
    link.send(AcceptParcel, message(late));
    a.call(() => {
      sent.beginProxying();
      sent.release();
    });
    net.run();
    const router = new Router(b.world);
    const old = b.linkTo(a).bind(EARLY, "outward", SIDE_B, null, router)!;
    router.outward.install(old);
    router.outward.beginDecay(0, 1);
    b.event(() => b.linkTo(a).deliverEarlyParcels(EARLY));
    expect([b.getAll(router), old.isBound]).toEqual([["the last"], false]);
    net.run();
    expect([kept.isDead, net.queue.refusals]).toEqual([true, []]);
  });

  it.each([
    ["with nothing attached", {}],
    ["with a portal", { handleTypes: [HANDLE_PORTAL], newRouters: [descriptor] }],
  ])("%s is refused when its fragment says it holds more than it can", (_what, values) => {
    const { net, a, b } = connected();
    const memory = a.linkTo(b).memory;
    const fragment = memory.allocateFragment(64)!;
    fragment.region?.store(fragment.descriptor.offset, 57);
    a.linkTo(b).send(AcceptParcel, message({ parcelFragment: fragment.descriptor, ...values }));
    net.run();
    expect(net.queue.refusals).toHaveLength(1);
    expect(b.census.routers.size, "nothing is left of the portal").toBe(1);
  });

  it("with a portal is refused when its fragment lies past its buffer", () => {
    const { net, a, b } = connected();
    const parcelFragment = { bufferId: PRIMARY_BUFFER, offset: 131_064, size: 64 };
    const values = { handleTypes: [HANDLE_PORTAL], newRouters: [descriptor], parcelFragment };
    a.linkTo(b).send(AcceptParcel, message(values));
    net.run();
    expect(net.queue.refusals).toHaveLength(1);
    expect(b.census.routers.size, "nothing is left of the portal").toBe(1);
  });

  it("waits for a buffer that is not known, while others go on; what is in it is checked then", () => {
    const { net, a, b, pb } = connected({ choose: () => ({ memV2: false, freeBlocks: 0 }) });
    const link = a.linkTo(b);
    net.queue.onTransmit = ({ id }) => (id === AddBlockBuffer.id ? "late" : "queue");
    link.memory.tryAllocateLinkState();
    const fragment = link.memory.allocateFragment(64)!;
    expect(fragment.descriptor.bufferId).not.toBe(PRIMARY_BUFFER);
    fragment.region?.store(fragment.descriptor.offset, 3);
    link.send(AcceptParcel, message({ parcelFragment: fragment.descriptor }));
    link.send(AcceptParcel, message({ sequenceNumber: 1 }));
    net.deliver(a, b);
    expect(pb.localParcels).toBe(0);
    net.run();
    expect([pb.localParcels, pb.localBytes]).toEqual([2, 3]);
    link.send(
      AcceptParcel,
      message({
        sequenceNumber: 2,
        parcelFragment: { bufferId: 9 as BufferId, offset: 0, size: 64 },
      }),
    );
    net.run();
    net.cut(a, b);
    net.run();
    expect(b.getAll(pb)).toHaveLength(2);
    expect(net.queue.live()).toEqual([]);
  });

  it("fails the connection when the buffer it waited for cannot hold it", () => {
    const { net, a, b, pb } = connected({ choose: () => ({ memV2: false, freeBlocks: 0 }) });
    const link = a.linkTo(b);
    net.queue.onTransmit = ({ id }) => (id === AddBlockBuffer.id ? "late" : "queue");
    link.memory.tryAllocateLinkState();
    const outside = { bufferId: 1 as BufferId, offset: 2 ** 20, size: 64 };
    link.send(AcceptParcel, message({ parcelFragment: outside }));
    net.run();
    expect([pb.isDead, b.links.size]).toEqual([true, 0]);
  });
});
