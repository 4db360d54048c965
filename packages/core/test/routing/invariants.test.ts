/**
 * The invariants of routing, one by one (spec: routing 1.5): each is kept by what routers do, and broken by hand it is
 * noticed. All of them are checked after every change in the tests with random networks.
 */
import { IPCZ_TRAP_DEAD } from "@ipcz/api";
import { describe, expect, it } from "vitest";
import { LocalLink } from "../../src/links/local-link.ts";
import { mergeObstacle, mergeRoutes } from "../../src/routing/merge.ts";
import { sendFromPortal } from "../../src/routing/outbound.ts";
import { RouteEdge } from "../../src/routing/route-edge.ts";
import { Router } from "../../src/routing/router.ts";
import { SIDE_A } from "../../src/wire/ids.ts";
import { AcceptParcel } from "../../src/wire/messages/parcel.ts";
import { AcceptBypassLink, RouteClosed } from "../../src/wire/messages/route.ts";
import { Bench, lockByFarEnd, parcelOf } from "./bench.ts";
import { ThreeNodes } from "./three-nodes.ts";

describe("invariants", () => {
  it("I1: a proxy has no traps", () => {
    const { y, py, send } = new ThreeNodes();
    const fired: number[] = [];
    const conditions = { flags: IPCZ_TRAP_DEAD, minLocalParcels: 0, minLocalBytes: 0 };
    const arm = () => py.traps.arm(conditions, (event) => fired.push(event.conditionFlags), 0, py);
    y.call(arm);
    send();
    expect(fired, "removed, within an API call").toEqual([0x1 | 0x200]);
    expect(py.inward).not.toBeNull();
    py.checkInvariants();
    y.call(arm);
    expect(() => py.checkInvariants()).toThrow("I1:");
  });

  it("I2: a router has no inward edge and bridge at once", () => {
    const { py, cy, sendAsProxy } = new ThreeNodes();
    sendAsProxy();
    expect(mergeObstacle(py, cy)).toBe("invalid");
    py.bridge = new RouteEdge();
    expect(() => py.checkInvariants()).toThrow("I2:");
  });

  it("I3: an edge holds one primary link, and one that decays", () => {
    const bench = new Bench();
    const { router, link } = bench.terminal();
    expect(() => router.outward.install(bench.bind(router, "central"))).toThrow("I3:");
    expect(router.outward.beginDecay(0, null)).toBe(true);
    expect(router.outward.beginDecay(0, null)).toBe(false);
    router.outward.install(link);
    expect(() => router.checkInvariants()).toThrow("I3:");
  });

  it("I4: while decay is deferred the next link becomes the decaying one", () => {
    const bench = new Bench();
    const router = bench.router();
    const edge = new RouteEdge();
    router.inward = edge;
    edge.beginDecay(null, null);
    router.checkInvariants();
    const link = bench.bind(router, "inward");
    edge.install(link);
    expect([edge.primary, edge.decaying?.link]).toEqual([null, link]);
    if (edge.decaying) edge.decaying.link = null;
    edge.primary = link;
    expect(() => router.checkInvariants()).toThrow("I4:");
  });

  it("I5: a limit is set once", () => {
    const bench = new Bench();
    const { router, link } = bench.terminal();
    router.outward.beginDecay(null, null);
    router.inward = new RouteEdge();
    router.inward.install(bench.bind(router, "inward"));
    router.inward.beginDecay(null, null);
    expect(router.acceptStopProxying(link, 4, 4)).toBe("accept");
    expect(router.acceptStopProxying(link, 5, 5)).toBe("reject");
    expect(router.outward.decaying).toMatchObject({ to: 4, from: 4 });
    expect(router.inward.decaying).toMatchObject({ to: 4, from: 4 });
  });

  it("I6: central links have a link state, and only they", () => {
    const bench = new Bench();
    const link = bench.node.linkTo(bench.p);
    const bind = (type: "central" | "outward" | "inward", withState: boolean) => () =>
      link.bind(
        link.newSublinks(1),
        type,
        SIDE_A,
        withState ? bench.newState() : null,
        bench.router(),
      );
    expect(bind("central", true)).not.toThrow();
    expect(bind("outward", false)).not.toThrow();
    expect(bind("central", false)).toThrow("I6:");
    expect(bind("outward", true)).toThrow("I6:");
    expect(bind("inward", true)).toThrow("I6:");
  });

  it("I7: a side is marked stable only without decaying links", () => {
    const bench = new Bench();
    const { router } = bench.terminal();
    router.outward.beginDecay(0, 1);
    const fresh = bench.central(router, bench.q);
    router.outward.install(fresh.link);
    expect(() => router.markStable(fresh.link)).toThrow("I7:");
    bench.handle(() => router.settle(true));
    expect(fresh.state.status & 0x01, "not while parcel 0 may come").toBe(0);
    bench.handle(() => router.acceptParcel("central", parcelOf("0", 0)));
    expect(fresh.state.status & 0x01).toBe(0x01);
  });

  it("I8: a link is locked by one end at a time, and only when both are stable", () => {
    const node = new Bench().node;
    const [a, b] = [new Router(node.world), new Router(node.world)];
    const [linkA, linkB] = LocalLink.central(a, b, false);
    linkA.markStable();
    expect(linkA.tryLockForClosure()).toBe(false);
    linkB.markStable();
    expect([linkB.tryLockForClosure(), linkA.tryLockForClosure()]).toEqual([true, false]);
    expect([linkB.isLocked, linkA.isLocked]).toEqual([true, false]);
    linkB.unlock();
    expect([linkA.tryLockForClosure(), linkB.tryLockForClosure()]).toEqual([true, false]);
  });

  it("I9: a router gives up its outward link under its lock only, or when rightly asked", () => {
    const bench = new Bench();
    const { router, link, state } = bench.terminal();
    expect(() => router.beginBypass(null, null)).toThrow("I9:");
    const offer = () =>
      router.acceptBypassOffer({
        oldLink: link,
        node: bench.node.linkTo(bench.q),
        newSublink: bench.nextSublink(bench.q),
        state: bench.newState(bench.q),
        inboundLength: 0,
      });
    expect(offer()).toBe("ignore");
    expect(router.outward.primary).toBe(link);
    lockByFarEnd(state, bench.q.name);
    expect(offer()).toBe("accept");
    expect(router.outward.primary).not.toBe(link);

    const own = bench.terminal();
    expect(own.link.tryLockForBypass(bench.q.name)).toBe(true);
    own.router.beginBypass(null, null);
    expect(own.router.outward.decaying?.link).toBe(own.link);
  });

  it("I10: parcels get consecutive numbers from 0 where they are put, and keep them", () => {
    const { net, x, y, z, px, py, sendAsProxy } = new ThreeNodes();
    x.putText(px, "0");
    x.putText(px, "1");
    net.run();
    expect(y.take(py)?.sequenceNumber).toBe(0);
    const pz = sendAsProxy();
    x.putText(px, "2");
    net.run();
    expect([z.take(pz), z.take(pz)].map((parcel) => parcel?.sequenceNumber)).toEqual([1, 2]);
    z.putText(pz, "0");
    net.run();
    expect(x.take(px)?.sequenceNumber).toBe(0);
    expect(() => sendFromPortal(py, parcelOf("of a proxy", 0))).toThrow("I10:");
  });

  it("I11: a sublink is used only after the message that introduces it was sent", () => {
    const { net, y, z, py, cy } = new ThreeNodes();
    const [stays, goes] = y.pair();
    let looked = false;
    // While the parcel with the portals is being sent, their routers try to use what they have.
    net.queue.onTransmit = ({ id }) => {
      if (id !== AcceptParcel.id || !py.departure || !goes.departure) return "queue";
      looked = true;
      net.checkInvariants();
      for (const router of [py, goes, stays]) router.settle(true);
      y.putText(stays, "too soon");
      expect(net.underWay(y, z)).toEqual([]);
      py.inward?.install(py.departure.primary!);
      expect(() => py.checkInvariants()).toThrow("I11:");
      py.inward?.takeAll();
      py.inward?.beginDecay(null, null);
      return "queue";
    };
    y.putText(cy, "two portals", [py, goes]);
    expect(net.underWay(y, z).slice(0, 2)).toEqual([AcceptParcel.id, AcceptParcel.id]);
    expect(looked).toBe(true);
    net.run();
    expect(net.queue.refusals).toEqual([]);
  });

  it("I12: closure starts on a central link, by the holder of its lock", () => {
    const bench = new Bench();
    const proxied = bench.router();
    const outward = bench.bind(proxied, "outward");
    proxied.outward.install(outward);
    bench.node.close(proxied);
    const locked = bench.terminal(bench.q);
    lockByFarEnd(locked.state, bench.p.name);
    bench.node.close(locked.router);
    expect([bench.sentTo(bench.p), bench.sentTo(bench.q)]).toEqual([[], []]);
    const free = bench.terminal();
    bench.node.close(free.router);
    expect(bench.sentTo(bench.p)).toEqual([RouteClosed.id]);
    expect(free.state.status & 0x10, "the lock is kept").toBe(0x10);
  });

  it("I13: a decaying link is dropped when both its limits are known and reached, not before", () => {
    const bench = new Bench();
    const { router, link } = bench.terminal();
    bench.node.putText(router, "0");
    router.outward.beginDecay(1, null);
    const edge = router.outward;
    bench.handle(() => router.settle(false));
    expect(edge.decaying?.link, "no limit for what may come").toBe(link);
    if (edge.decaying) edge.decaying.from = 1;
    bench.handle(() => router.settle(false));
    expect(edge.decaying?.link, "parcel 0 has not come").toBe(link);
    bench.handle(() => router.acceptParcel("central", parcelOf("0", 0)));
    expect([edge.decaying, link.isBound]).toEqual([null, false]);
  });

  it("I14: a router that was cut has no links and takes none", () => {
    const bench = new Bench();
    const { router, link, state } = bench.terminal();
    lockByFarEnd(state, bench.q.name);
    const back = bench.q.linkTo(bench.node);
    bench.handle(() => {
      router.acceptDisconnected("central");
    });
    expect([router.outward.links, link.isBound]).toEqual([[], false]);
    back.send(AcceptBypassLink, {
      currentPeerNode: bench.p.name,
      currentPeerSublink: link.sublink,
      inboundSequenceLengthFromBypassedLink: 0,
      newSublink: back.newSublinks(1),
      newLinkStateFragment: back.memory.tryAllocateLinkState()!.share(),
    });
    bench.net.run();
    expect(router.outward.links).toEqual([]);
    router.outward.install(bench.bind(router, "central"));
    expect(() => router.checkInvariants()).toThrow("I14:");
  });

  it("a merge takes the traps of its portals (I1, I2)", () => {
    const node = new Bench().node;
    const [a, b] = node.pair();
    const [c, d] = node.pair();
    const removed: number[] = [];
    const conditions = { flags: IPCZ_TRAP_DEAD, minLocalParcels: 0, minLocalBytes: 0 };
    node.call(() => b.traps.arm(conditions, (event) => removed.push(event.conditionFlags), 0, b));
    node.call(() => {
      mergeRoutes(b, c);
      b.release();
      c.release();
    });
    expect(removed).toEqual([0x1 | 0x200]);
    expect(a.localPeer === d).toBe(true);
  });
});
