/**
 * Parcels with everything that can be attached, over one connection: sent, split, relayed, received
 * (spec: routing 3.1, 10.5; wire 2.2).
 */
import { describe, expect, it } from "vitest";
import { Limits } from "../../src/base/limits.ts";
import type { NodeLink } from "../../src/links/node-link.ts";
import { type ApplicationObject, Box } from "../../src/parcels/box.ts";
import type { Attachment } from "../../src/parcels/attachment.ts";
import { Parcel } from "../../src/parcels/parcel.ts";
import { ParcelData } from "../../src/parcels/parcel-data.ts";
import { Router } from "../../src/routing/router.ts";
import { HANDLE_RELAYED_DRIVER_OBJECT } from "../../src/wire/descriptors.ts";
import { AcceptParcel, AcceptParcelDriverObjects } from "../../src/wire/messages/parcel.ts";
import { textOf } from "./application.ts";
import { blocksInUse } from "./blocks.ts";
import {
  FIRST,
  connected,
  message,
  objectOf,
  attached,
  contentOf,
  subparcelIn,
} from "./parcel-messages.ts";

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

function boxed(thing: Thing): Box {
  return new Box({ type: "application", object: thing });
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
    expect(blocksInUse(memory)).toEqual(["1 of 64"]);
    net.run();
    const parcel = b.take(pb);
    expect(blocksInUse(memory)).toEqual(["1 of 64"]);
    b.call(() => parcel?.close());
    expect(blocksInUse(memory)).toEqual([]);
    const c = net.node("c");
    net.connect(a, c);
    const [[pc, there] = []] = net.initialPortals(a, c, 1);
    a.call(() => {
      const data = ParcelData.allocate(memory, 5);
      data.fill(new TextEncoder().encode("other"), 5);
      const copied = new Parcel(data);
      pc?.outward.primary?.sendParcel(copied);
    });
    expect(blocksInUse(memory)).toEqual([]);
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
