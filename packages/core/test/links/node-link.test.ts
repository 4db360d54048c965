/**
 * A connection between two nodes (spec: routing 6.4, 11.2 NodeLinkTest).
 */
import { describe, expect, it } from "vitest";
import { IPCZ_RESULT_RESOURCE_EXHAUSTED } from "@ipcz/api";
import { DriverObject } from "../../src/driver/driver-object.ts";
import { Router } from "../../src/routing/router.ts";
import { type BufferId, SIDE_B, type SublinkId } from "../../src/wire/ids.ts";
import { AddBlockBuffer } from "../../src/wire/messages/memory.ts";
import { FlushRouter } from "../../src/wire/messages/route.ts";
import { parcelOf } from "../routing/bench.ts";
import { TwoNodes } from "./two-nodes.ts";

const EARLY = 500 as SublinkId;

describe("a connection", () => {
  it("carries closure over a sublink (BasicTransmission)", () => {
    const { net, a, b } = new TwoNodes();
    const [[pa, pb] = []] = net.initialPortals(a, b, 1);
    a.close(pa!);
    net.run();
    expect(pb!.isDead).toBe(true);
    expect([a.linkTo(b).sublinkCount, b.linkTo(a).sublinkCount]).toEqual([0, 0]);
  });

  it("carries a parcel, which is counted and can be read (BasicTransmissionWithMessage)", () => {
    const { net, a, b } = new TwoNodes();
    const [[pa, pb] = []] = net.initialPortals(a, b, 1);
    a.putText(pa!, "hello");
    net.run();
    expect([pb!.localParcels, pb!.localBytes]).toEqual([1, 5]);
    expect(b.get(pb!)).toBe("hello");
  });

  it("keeps a parcel that comes before its router, until it is asked for (AcceptEarlyParcel)", () => {
    const { net, a, b } = new TwoNodes();
    a.linkTo(b).sendPlainParcel(EARLY, parcelOf("early", 0));
    net.run();
    const router = new Router(b.world);
    const link = b.linkTo(a);
    const bound = link.bind(EARLY, "outward", SIDE_B, null, router);
    if (bound) router.outward.install(bound);
    expect(router.localParcels).toBe(0);
    b.event(() => {
      link.deliverEarlyParcels(EARLY);
    });
    expect(b.getAll(router)).toEqual(["early"]);
    a.linkTo(b).sendPlainParcel(EARLY, parcelOf("in time", 1));
    net.run();
    expect(b.getAll(router)).toEqual(["in time"]);
  });

  it("drops a parcel for a router that was there before (RejectParcelForClosedRouter)", () => {
    const { net, a, b } = new TwoNodes();
    const [[pa, pb] = []] = net.initialPortals(a, b, 1);
    const link = b.linkTo(a).linkAt(0 as SublinkId);
    a.putText(pa!, "late");
    link?.deactivate();
    net.run();
    expect(net.queue.refusals).toEqual([]);
    const router = new Router(b.world);
    b.linkTo(a).bind(0 as SublinkId, "outward", SIDE_B, null, router);
    b.event(() => {
      b.linkTo(a).deliverEarlyParcels(0 as SublinkId);
    });
    expect([router.localParcels, pb!.localParcels]).toEqual([0, 0]);
  });

  it("refuses a buffer that is no memory, and closes it", () => {
    const { net, a, b } = new TwoNodes();
    const c = net.node("c");
    const [transport, other] = net.queue.connect(a.driver, c.driver);
    const buffer = { id: 1 as BufferId, blockSize: 64, buffer: 0 };
    a.linkTo(b).send(AddBlockBuffer, buffer, [new DriverObject(a.driver, transport)]);
    net.run();
    expect(net.queue.refusals).toHaveLength(1);
    c.driver.Close(other);
    expect(net.queue.live()).toEqual([]);
  });

  it("that has failed closes the objects of what it does not send any more", () => {
    const { net, a, b } = new TwoNodes();
    const link = a.linkTo(b);
    a.event(() => {
      link.fail();
      const content = a.box().take();
      if (content?.type !== "driver") throw new Error("not a driver object");
      link.send(AddBlockBuffer, { id: 1 as BufferId, blockSize: 64, buffer: 0 }, [content.object]);
      expect(content.object.isValid).toBe(false);
    });
    expect([link.backlogBytes, link.watchBacklog(0, () => {})]).toEqual([0, false]);
    expect(net.underWay(a, b)).toEqual([]);
    net.run();
    expect(net.queue.live()).toEqual([]);
  });

  it("refuses a sublink that is taken", () => {
    const { a, b } = new TwoNodes();
    const link = a.linkTo(b);
    const [one, two] = [new Router(a.world), new Router(a.world)];
    expect(link.bind(EARLY, "outward", SIDE_B, null, one)).not.toBeNull();
    const state = link.memory.tryAllocateLinkState();
    expect(link.bind(EARLY, "central", SIDE_B, state, two)).toBeNull();
    expect(link.linkAt(EARLY)?.router === one).toBe(true);
    expect(state?.state, "given back").toBeNull();
  });

  it("gives sublinks in a row that the other end does not give", () => {
    for (const memV2 of [false, true]) {
      const { a, b } = new TwoNodes({ choose: () => ({ memV2, freeBlocks: null }) });
      const [linkA, linkB] = [a.linkTo(b), b.linkTo(a)];
      const ids = [linkA.newSublinks(2), linkB.newSublinks(2), linkA.newSublinks(1)];
      const all = [ids[0]!, ids[0]! + 1, ids[1]!, ids[1]! + 1, ids[2]!];
      expect(new Set(all).size).toBe(5);
      expect(Math.min(...all)).toBe(12);
    }
  });

  it("that is lost cuts every route with a link on it, also one that only decays", () => {
    const { net, a, b } = new TwoNodes();
    const portals = net.initialPortals(a, b, 3);
    const [one, two, three] = portals.map(([portal]) => portal);
    two!.outward.beginDecay(null, null);
    const tentative = new Router(a.world);
    a.linkTo(b).bind(a.linkTo(b).newSublinks(1), "inward", SIDE_B, null, tentative);
    const link = a.linkTo(b);
    a.call(() => {
      a.drop(link);
    });
    expect([one, two, three, tentative].map((router) => router!.cut)).toEqual(
      Array.from({ length: 4 }, () => true),
    );
    expect([link.isDead, link.sublinkCount]).toEqual([true, 0]);
    net.run();
    expect(portals.map(([, portal]) => portal.isDead)).toEqual([true, true, true]);
  });

  it("that failed sends nothing, binds nothing, and is torn down once", () => {
    const { net, a, b } = new TwoNodes();
    const [[pa] = []] = net.initialPortals(a, b, 1);
    const link = a.linkTo(b);
    a.call(() => {
      link.fail();
      expect([link.isDead, pa!.cut]).toEqual([true, false]);
      link.send(FlushRouter, { sublink: EARLY });
      link.sendPlainParcel(EARLY, parcelOf("into the void", 0));
      expect(link.bind(EARLY, "outward", SIDE_B, null, new Router(a.world))).toBeNull();
    });
    expect([pa!.cut, a.links.size]).toEqual([true, 0]);
    expect(net.underWay(a, b)).toEqual([]);
    link.deactivate();
    link.fail();
    link.onError();
    net.run();
    expect(net.queue.live()).toEqual([]);
  });

  it("that cannot transmit fails", () => {
    const { net, a, b } = new TwoNodes();
    const [[pa, pb] = []] = net.initialPortals(a, b, 1);
    const transmit = a.driver.Transmit.bind(a.driver);
    a.driver.Transmit = (...args) => {
      transmit(...args);
      return 2;
    };
    a.putText(pa!, "the last that is heard");
    expect([pa!.isDead, a.links.size]).toEqual([true, 0]);
    net.run();
    expect(b.getAll(pb!)).toEqual(["the last that is heard"]);
    expect(pb!.isDead).toBe(true);
  });

  it("fails, and closes the objects, when the driver cannot serialize one after all", () => {
    const { net, a, b } = new TwoNodes();
    const [[pa, pb] = []] = net.initialPortals(a, b, 1);
    const serialize = a.driver.Serialize.bind(a.driver);
    // It says how much room an object takes, and then has not got it.
    a.driver.Serialize = (...args) =>
      args[6] ? IPCZ_RESULT_RESOURCE_EXHAUSTED : serialize(...args);
    a.putText(pa!, "with an object", [a.box()]);
    expect([pa!.isDead, a.links.size]).toEqual([true, 0]);
    net.run();
    expect([pb!.localParcels, pb!.isDead]).toEqual([0, true]);
    expect(net.queue.live()).toEqual([]);
  });

  it("gives back its memory when the last parcel in it is closed, though it is lost", () => {
    const { net, a, b } = new TwoNodes();
    const [[pa, pb] = []] = net.initialPortals(a, b, 1);
    a.putText(pa!, "in shared memory");
    net.run();
    const parcel = b.take(pb!);
    net.cut(a, b);
    net.run();
    expect(net.queue.live()).toEqual(["b: mapping"]);
    expect(new TextDecoder().decode(parcel!.data.bytes().slice())).toBe("in shared memory");
    b.call(() => parcel!.close());
    expect(net.queue.live()).toEqual([]);
  });

  it("tells the driver of a parcel that the application rejects, while it is there", () => {
    const { net, a, b } = new TwoNodes();
    const [[pa, pb] = []] = net.initialPortals(a, b, 1);
    a.putText(pa!, "bad");
    net.run();
    const parcel = b.take(pb!);
    parcel?.source?.reportBadActivity("why");
    net.cut(a, b);
    net.run();
    parcel?.source?.reportBadActivity("too late");
    expect(b.driver.badActivity).toEqual(["why"]);
  });

  it("runs what it defers before it returns to the driver", () => {
    const { net, a, b } = new TwoNodes();
    const [[pa, pb] = []] = net.initialPortals(a, b, 1);
    const [peer, attached] = a.pair();
    b.close(pb!);
    a.putText(pa!, "for a closed portal", [attached]);
    net.deliver(a, b);
    // The attached portal was closed by then, and says so over its new link.
    expect(net.underWay(b, a).length).toBeGreaterThan(0);
    net.run();
    expect(peer.isDead).toBe(true);
  });
});
