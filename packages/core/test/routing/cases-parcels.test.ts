/** Locks, closure and parcels: of the 25 cases that implementers get wrong (spec: routing 11.1), each as its row says. */
import { IPCZ_TRAP_NEW_LOCAL_PARCEL, IPCZ_TRAP_PEER_CLOSED } from "@ipcz/api";
import { describe, expect, it } from "vitest";
import { refusesPuts, sendBytes } from "../../src/routing/outbound.ts";
import { RouteEdge } from "../../src/routing/route-edge.ts";
import { Router } from "../../src/routing/router.ts";
import { AcceptParcel } from "../../src/wire/messages/parcel.ts";
import {
  BypassPeer,
  FlushRouter,
  ProxyWillStop,
  RouteClosed,
  StopProxying,
} from "../../src/wire/messages/route.ts";
import { Network } from "../links/network.ts";
import { Bench, parcelOf, statusOf, countEvents } from "./bench.ts";
import { expectConnected, expectDirect, ThreeNodes } from "./three-nodes.ts";

const BOTH_STABLE = 0x03;
const WAITING_A = 0x04;
const WAITING_B = 0x08;
const LOCKED_A = 0x10;

describe("locks and closure", () => {
  it("case 1: of two proxies that want the same link one wins, the other retries on the new link", () => {
    const { net, x, y, z, px, py, send, arrived } = new ThreeNodes();
    const w = net.node("w");
    net.connect(w, x);
    const [carrier] = net.initialPortals(x, w, 1);
    x.putText(carrier![0], "a portal", [px]);
    const link = px.outward.primary ?? px.outward.decaying?.link;
    expect(statusOf(link)).toBe(BOTH_STABLE | LOCKED_A);
    send();
    expect(statusOf(link), "no waiting bit").toBe(BOTH_STABLE | LOCKED_A);
    expect(py.outward.isStable, "a plain proxy").toBe(true);
    net.run();
    const pw = w.getPortal(carrier![1]);
    const pz = arrived();
    net.run();
    expectDirect(pw, pz);
    expectConnected(w, pw, z, pz);
    expect([x, y].map(({ census }) => [...census.routers].includes(px))).toEqual([false, false]);
  });

  it("case 2: a closure waits while the far side is not stable, and goes out when it is", () => {
    const net = new Network();
    const a = net.node("a");
    const b = net.node("b");
    net.connect(a, b);
    const closing = new Router(a.world);
    net.bindInitial(a, b, closing, 0);
    a.close(closing);
    expect(net.underWay(a, b)).toEqual([]);
    expect(statusOf(closing.outward.primary)).toBe(0x01 | WAITING_A);
    const other = new Router(b.world);
    net.bindInitial(b, a, other, 0);
    expect(net.underWay(b, a)).toEqual([FlushRouter.id]);
    net.deliver(b, a);
    expect(net.underWay(a, b)).toEqual([RouteClosed.id]);
    net.run();
    expect(other.isDead).toBe(true);
  });

  it("case 3: a portal closed while the far side holds the lock closes on the replacement link", () => {
    const { net, x, y, z, px, py, sendAsProxy, wakeY } = new ThreeNodes();
    const pz = sendAsProxy();
    wakeY();
    net.deliver(x, y);
    expect(net.underWay(y, z)).toEqual([BypassPeer.id]);
    const old = py.outward.decaying?.link;
    x.close(px);
    expect(statusOf(old), "no waiting bit").toBe(BOTH_STABLE | 0x20);
    expect(net.underWay(x, y)).toEqual([]);
    net.deliver(y, z);
    net.deliver(z, x);
    expect(net.underWay(x, y)).toEqual([StopProxying.id]);
    expect(net.underWay(x, z)).toEqual([ProxyWillStop.id]);
    expect(statusOf(px.outward.primary) ?? 0, "stable, and waiting").toBe(0x02 | WAITING_B);
    net.run();
    expect(pz.isDead).toBe(true);
    expect(net.queue.refusals).toEqual([]);
    expect(net.nodes.map(({ census }) => census.routers.has(px))).toEqual([false, false, false]);
  });

  it("case 4: a portal closed behind proxies says nothing until the route is short", () => {
    const { net, x, y, z, px, sendAsProxy, wakeY } = new ThreeNodes();
    const pz = sendAsProxy();
    z.putText(pz, "the last words");
    z.close(pz);
    expect(net.underWay(z, y)).toEqual([AcceptParcel.id]);
    net.run();
    expect(px.inbound.end).toBeNull();
    wakeY();
    net.run();
    expect(px.isPeerClosed).toBe(true);
    expect(x.getAll(px)).toEqual(["the last words"]);
    expect(px.isDead).toBe(true);
    expect(y.census.routers.size).toBe(3 - 1);
  });

  it("case 5: a closure that overtakes parcels stops puts at once, and shows when they have come", () => {
    const bench = new Bench();
    const { router } = bench.terminal();
    const closed = countEvents(bench.node, router, IPCZ_TRAP_PEER_CLOSED);
    bench.handle(() => router.acceptRouteClosed("central", 2));
    expect(refusesPuts(router)).toBe(true);
    expect(router.statusFlags).toBe(0);
    bench.handle(() => router.acceptParcel("central", parcelOf("one", 1)));
    expect(router.statusFlags).toBe(0);
    bench.handle(() => router.acceptParcel("central", parcelOf("zero", 0)));
    expect([router.isPeerClosed, router.isDead, closed.fired]).toEqual([true, false, 1]);
    expect(bench.node.getAll(router)).toEqual(["zero", "one"]);
    expect(router.isDead).toBe(true);
  });

  it("case 6: a closure told again changes nothing; a shorter one is a lie", () => {
    const { router } = new Bench().terminal();
    expect(router.acceptRouteClosed("central", 3)).toBe("accept");
    expect(router.acceptRouteClosed("central", 3)).toBe("accept");
    expect(router.acceptRouteClosed("central", 4)).toBe("accept");
    expect(router.acceptRouteClosed("central", 2)).toBe("reject");
  });
});

describe("parcels", () => {
  it("case 7: a parcel that comes too early is invisible; the missing one shows both, with one event", () => {
    const bench = new Bench();
    const { router } = bench.terminal();
    const arrivals = countEvents(bench.node, router, IPCZ_TRAP_NEW_LOCAL_PARCEL);
    bench.handle(() => router.acceptParcel("central", parcelOf("second", 1)));
    expect([router.localParcels, arrivals.fired]).toEqual([0, 0]);
    bench.handle(() => router.acceptParcel("central", parcelOf("first", 0)));
    expect([router.localParcels, arrivals.fired]).toEqual([2, 1]);
    expect(bench.node.getAll(router)).toEqual(["first", "second"]);
  });

  it("case 8: a parcel taken before, sent twice or past the end is closed with what is attached", () => {
    const bench = new Bench();
    const { router } = bench.terminal();
    const peers = [0, 1, 2].map(() => {
      const [peer] = bench.node.pair();
      return peer;
    });
    const attach = (index: number) => [peers[index]!.localPeer as Router];
    bench.handle(() => router.acceptParcel("central", parcelOf("0", 0)));
    bench.node.getAll(router);
    bench.handle(() => router.acceptRouteClosed("central", 3));
    bench.handle(() => router.acceptParcel("central", parcelOf("1", 1)));
    bench.handle(() => router.acceptParcel("central", parcelOf("0", 0, attach(0))));
    bench.handle(() => router.acceptParcel("central", parcelOf("1", 1, attach(1))));
    bench.handle(() => router.acceptParcel("central", parcelOf("3", 3, attach(2))));
    expect(peers.map((peer) => peer.isPeerClosed)).toEqual([true, true, true]);
    expect(bench.node.getAll(router)).toEqual(["1"]);
  });

  it("case 8, at a proxy: what comes from inside twice is closed, and goes on once", () => {
    const bench = new Bench();
    const { router } = bench.terminal();
    router.inward = new RouteEdge();
    router.inward.install(bench.bind(router, "inward", bench.q));
    const [peer] = bench.node.pair();
    const again = parcelOf("again", 0, [peer.localPeer as Router]);
    bench.handle(() => router.acceptParcel("inward", parcelOf("once", 0)));
    bench.handle(() => router.acceptParcel("inward", again));
    expect(peer.isPeerClosed).toBe(true);
    expect(bench.sentTo(bench.p)).toEqual([AcceptParcel.id]);
  });

  it("case 9: a parcel past a decaying link's limit waits for the new link", () => {
    const bench = new Bench();
    const { router, link } = bench.terminal();
    bench.node.putText(router, "0");
    router.outward.beginDecay(1, null);
    expect(bench.sentTo(bench.p)).toEqual([AcceptParcel.id]);
    bench.node.putText(router, "1");
    expect(bench.sentTo(bench.p)).toEqual([]);
    expect(router.outward.decaying?.link).toBe(link);
    router.outward.install(bench.bind(router, "central", bench.q));
    bench.handle(() => router.settle(false));
    expect([bench.sentTo(bench.p), bench.sentTo(bench.q)]).toEqual([[], [AcceptParcel.id]]);
  });

  it("case 10: bytes that could leave at once wait behind a parcel that is queued", () => {
    const bench = new Bench();
    const router = bench.router();
    const bytes = Uint8Array.of(1);
    bench.node.putText(router, "0");
    router.outward.install(bench.bind(router, "central"));
    expect(sendBytes(router, bytes, 1)).toBe(false);
    expect(bench.sentTo(bench.p)).toEqual([]);
    bench.handle(() => router.settle(false));
    expect(sendBytes(router, bytes, 1)).toBe(true);
    expect(bench.sentTo(bench.p)).toEqual([AcceptParcel.id, AcceptParcel.id]);
  });

  it("case 10: a parcel does not overtake those that are queued", () => {
    const bench = new Bench();
    const router = bench.router();
    bench.node.putText(router, "0");
    bench.node.putText(router, "1");
    router.outward.install(bench.bind(router, "central"));
    bench.node.putText(router, "2");
    expect(bench.sentTo(bench.p)).toHaveLength(3);
    expect([router.outbound.next, router.outbound.run]).toEqual([3, 0]);
  });
});
