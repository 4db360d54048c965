/**
 * Parcels with everything that can be attached, over one connection: sent, split, relayed, received, refused
 * (spec: routing 3.1, 10.5, 10.6; wire 2.2).
 */
import { describe, expect, it } from "vitest";
import { Limits } from "../../src/base/limits.ts";
import type { NodeLink } from "../../src/links/node-link.ts";
import { type ApplicationObject, Box } from "../../src/parcels/box.ts";
import type { Attachment } from "../../src/parcels/attachment.ts";
import { Parcel } from "../../src/parcels/parcel.ts";
import { ParcelData } from "../../src/parcels/parcel-data.ts";
import { Router } from "../../src/routing/router.ts";
import {
  HANDLE_DRIVER_OBJECT,
  HANDLE_PORTAL,
  HANDLE_RELAYED_DRIVER_OBJECT,
  HANDLE_SUBPARCEL,
  NULL_FRAGMENT,
  type RouterDescriptor,
} from "../../src/wire/descriptors.ts";
import { type BufferId, PRIMARY_BUFFER, SIDE_B, type SublinkId } from "../../src/wire/ids.ts";
import { AddBlockBuffer } from "../../src/wire/messages/memory.ts";
import { AcceptParcel, AcceptParcelDriverObjects } from "../../src/wire/messages/parcel.ts";
import type { MessageOf } from "../../src/wire/schema.ts";
import { parcelOf } from "../routing/bench.ts";
import { plainDescriptor } from "../wire/plain-descriptor.ts";
import { textOf } from "./network.ts";
import { TwoNodes } from "./two-nodes.ts";

const FIRST = 0 as SublinkId;
const EARLY = 500 as SublinkId;

/** An object that becomes a subparcel with this text and these attachments, or cannot be serialized. */
class Thing implements ApplicationObject {
  readonly object = "thing";
  readonly serializer = null;
  readonly destructor = null;
  destroyed = 0;
  private readonly text: string | null;
  private readonly inside: readonly Attachment[];

  constructor(text: string | null, inside: readonly Attachment[] = []) {
    this.text = text;
    this.inside = inside;
  }

  serialize(): Parcel | null {
    this.destroyed++;
    if (this.text === null) return null;
    return new Parcel(ParcelData.heap(new TextEncoder().encode(this.text)), this.inside);
  }

  destroy(): void {
    this.destroyed++;
    for (const attachment of this.inside) attachment.close();
  }
}

function connected(options: ConstructorParameters<typeof TwoNodes>[0] = {}) {
  const nodes = new TwoNodes(options);
  const [[pa, pb] = []] = nodes.net.initialPortals(nodes.a, nodes.b, 1);
  if (!pa || !pb) throw new Error("no portals");
  nodes.net.run();
  return Object.assign(nodes, { pa, pb });
}

/** What is attached to the next parcel at `router`. */
function attached(nodes: ReturnType<typeof connected>): readonly Attachment[] {
  const parcel = nodes.b.take(nodes.pb);
  return parcel?.takeAttachments(parcel.attachments.length) ?? [];
}

function boxed(thing: Thing): Box {
  return new Box({ type: "application", object: thing });
}

function contentOf(attachment: Attachment | undefined) {
  if (!(attachment instanceof Box) || !attachment.content) throw new Error("not a box");
  return attachment.content;
}

function subparcelIn(attachment: Attachment | undefined): Parcel {
  const content = contentOf(attachment);
  if (content.type !== "subparcel") throw new Error("not a subparcel");
  return content.parcel;
}

describe("a parcel over a connection", () => {
  it("keeps the order of portals, driver objects and application objects", () => {
    const nodes = connected();
    const { net, a, b, pa } = nodes;
    const [peer, portal] = a.pair();
    a.putText(pa, "all kinds", [
      boxed(new Thing("one")),
      portal,
      a.box(100),
      boxed(new Thing("two")),
    ]);
    net.run();
    const [one, two, three, four] = attached(nodes);
    expect([textOf(subparcelIn(one)), textOf(subparcelIn(four))]).toEqual(["one", "two"]);
    expect(two).toBeInstanceOf(Router);
    expect(contentOf(three).type).toBe("driver");
    b.putText(two as Router, "over the portal");
    net.run();
    expect(a.getAll(peer)).toEqual(["over the portal"]);
  });

  it("sends application objects first, each as a part of its own", () => {
    const { net, a, b, pa } = connected();
    const [, portal] = a.pair();
    const things = [new Thing("one", [portal]), new Thing("two", [a.box()])];
    a.putText(pa, "", things.map(boxed));
    const parts = net.underWay(a, b).filter((id) => id === AcceptParcel.id);
    expect(parts).toHaveLength(3);
    expect(things.map(({ destroyed }) => destroyed)).toEqual([1, 1]);
    net.deliver(a, b, 2);
    expect(b.census.routers.size, "the portal inside has arrived").toBe(2);
  });

  it("keeps portals and driver objects inside application objects working", () => {
    const nodes = connected();
    const { net, a, b, pa } = nodes;
    const [peer, portal] = a.pair();
    a.putText(pa, "", [boxed(new Thing("inside", [portal, a.box()]))]);
    net.run();
    const subparcel = subparcelIn(attached(nodes)[0]);
    const [inner, box] = subparcel.takeAttachments(2);
    expect(contentOf(box).type).toBe("driver");
    a.putText(peer, "to the inside");
    net.run();
    expect(b.getAll(inner as Router)).toEqual(["to the inside"]);
    expect(subparcel.source, "only the parcel itself has a source").toBeNull();
  });

  it("that cannot be serialized cuts its route at both ends, and closes what is attached", () => {
    const { net, a, b, pa, pb } = connected();
    const [peer, portal] = a.pair();
    const thing = new Thing(null);
    const before = net.queue.live();
    a.putText(pa, "before");
    a.putText(pa, "never sent", [portal, a.box(), boxed(thing), a.box()]);
    expect(net.queue.live(), "its driver objects are closed").toEqual(before);
    expect([pa.isDead, peer.isDead, thing.destroyed]).toEqual([true, true, 1]);
    net.run();
    expect(b.getAll(pb)).toEqual(["before"]);
    expect(pb.isDead).toBe(true);
    expect(a.census.routers.size).toBe(2);
  });

  it("whose application object holds another one cannot be serialized", () => {
    const { net, a, pa, pb } = connected();
    a.putText(pa, "", [boxed(new Thing("outer", [boxed(new Thing("inner"))]))]);
    net.run();
    expect([pa.isDead, pb.isDead]).toEqual([true, true]);
  });

  it(`has at most ${Limits.subparcelsMax} parts`, () => {
    const many = (count: number) => {
      const { net, a, b, pa, pb } = connected();
      a.putText(
        pa,
        "",
        Array.from({ length: count }, () => boxed(new Thing("x"))),
      );
      net.run(100_000);
      const parcel = b.take(pb);
      return [parcel?.attachments.length, pb.isDead];
    };
    expect(many(Limits.subparcelsMax - 1)).toEqual([Limits.subparcelsMax - 1, false]);
    expect(many(Limits.subparcelsMax)).toEqual([undefined, true]);
  });

  it("hands its block over on the link it lies in, and is copied elsewhere", () => {
    const { net, a, b, pa, pb } = connected();
    const memory = a.linkTo(b).memory;
    a.putText(pa, "in a block");
    expect(net.blocksInUse(memory)).toEqual(["1 of 64"]);
    net.run();
    const parcel = b.take(pb);
    expect(net.blocksInUse(memory)).toEqual(["1 of 64"]);
    b.call(() => parcel?.close());
    expect(net.blocksInUse(memory)).toEqual([]);
    const c = net.node("c");
    net.connect(a, c);
    const [[pc, there] = []] = net.initialPortals(a, c, 1);
    a.call(() => {
      const data = ParcelData.allocate(memory, 5);
      data.fill(new TextEncoder().encode("other"), 5);
      const copied = new Parcel(data);
      pc?.outward.primary?.sendParcel(copied);
    });
    expect(net.blocksInUse(memory)).toEqual([]);
    net.run();
    expect(c.getAll(there!)).toEqual(["other"]);
  });
});

describe("a parcel whose objects have to be relayed", () => {
  const relayed = () => {
    const nodes = connected();
    nodes.net.queue.forceRelay = () => true;
    return nodes;
  };

  it.each([["the objects first"], ["the parcel first"]])(
    "is whole when both halves have come (%s)",
    (order) => {
      const nodes = relayed();
      const { net, a, b, pa, pb } = nodes;
      const [, portal] = a.pair();
      a.putText(pa, "halves", [a.box(64), portal, a.box(128)]);
      a.putText(pa, "after it");
      const relay = () => {
        for (const event of net.events.splice(0)) event.run();
      };
      if (order === "the objects first") relay();
      else net.deliver(a, b);
      expect(pb.localParcels).toBe(0);
      if (order === "the objects first") net.deliver(a, b);
      else relay();
      expect(pb.localParcels).toBe(2);
      const [box, router, other] = attached(nodes);
      expect([contentOf(box).type, router instanceof Router, contentOf(other).type]).toEqual([
        "driver",
        true,
        "driver",
      ]);
    },
  );

  it("matches halves of one number in the order they came, and closes what is left with the link", () => {
    const { net, a, b, pa } = relayed();
    a.putText(pa, "never whole", [a.box()]);
    net.deliver(a, b);
    net.events.length = 0;
    expect(b.linkTo(a).sublinkCount).toBe(1);
    net.cut(a, b);
    net.run();
    expect(net.queue.live()).toEqual([]);
  });

  it.each([
    ["too few", 1],
    ["too many", 3],
  ])("is refused with %s objects", (_what, count) => {
    const { net, a, b, pb } = connected();
    const back = a.linkTo(b);
    const objects = Array.from({ length: count }, () => objectOf(a.box()));
    back.send(
      AcceptParcelDriverObjects,
      { sublink: FIRST, sequenceNumber: 0, driverObjects: { first: 0, count } },
      objects,
    );
    back.send(
      AcceptParcel,
      message({ handleTypes: [HANDLE_RELAYED_DRIVER_OBJECT, HANDLE_RELAYED_DRIVER_OBJECT] }),
    );
    net.run();
    expect(net.queue.refusals).toHaveLength(1);
    expect(pb.isDead).toBe(true);
  });

  it.each<[string, (link: NodeLink, number: number) => void]>([
    [
      "the parcel",
      (link, sequenceNumber) =>
        link.send(
          AcceptParcel,
          message({ sequenceNumber, handleTypes: [HANDLE_RELAYED_DRIVER_OBJECT] }),
        ),
    ],
    [
      "the objects",
      (link, sequenceNumber) =>
        link.send(AcceptParcelDriverObjects, {
          sublink: FIRST,
          sequenceNumber,
          driverObjects: { first: 0, count: 0 },
        }),
    ],
    [
      "one part of two",
      (link, sequenceNumber) =>
        link.send(AcceptParcel, message({ sequenceNumber, subparcelIndex: 1, numSubparcels: 2 })),
    ],
  ])("counts against a limit while it waits (%s)", (_what, send) => {
    const { net, a, b } = connected();
    for (let number = 0; number <= Limits.partialParcelsMax; number++) {
      expect(net.queue.refusals).toEqual([]);
      send(a.linkTo(b), number);
      net.deliver(a, b);
    }
    expect(net.queue.refusals).toHaveLength(1);
  });

  it("and its number's other halves are matched first to first", () => {
    const { net, a, b, pb } = connected();
    const link = a.linkTo(b);
    const before = net.queue.live();
    const halves = ["one", "two"].map((text) =>
      message({
        parcelData: new TextEncoder().encode(text),
        handleTypes: [HANDLE_RELAYED_DRIVER_OBJECT],
      }),
    );
    for (const half of halves) link.send(AcceptParcel, half);
    const objects = { sublink: FIRST, sequenceNumber: 0, driverObjects: { first: 0, count: 1 } };
    link.send(AcceptParcelDriverObjects, objects, [objectOf(a.box())]);
    net.run();
    // The second half of that number has its turn, and is no parcel of this route any more.
    link.send(AcceptParcelDriverObjects, objects, [objectOf(a.box())]);
    net.run();
    expect(b.getAll(pb)).toEqual(["one"]);
    expect([net.queue.refusals, net.queue.live()]).toEqual([[], before]);
  });
});

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

function message(values: Partial<MessageOf<typeof AcceptParcel>>): MessageOf<typeof AcceptParcel> {
  return {
    sublink: FIRST,
    sequenceNumber: 0,
    subparcelIndex: 0,
    numSubparcels: 1,
    parcelFragment: NULL_FRAGMENT,
    parcelData: new Uint8Array(),
    handleTypes: [],
    newRouters: [],
    driverObjects: { first: 0, count: 0 },
    ...values,
  };
}

function objectOf(box: Box) {
  const content = box.take();
  if (content?.type !== "driver") throw new Error("not a driver object");
  return content.object;
}
