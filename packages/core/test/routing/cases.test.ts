/**
 * The 25 cases that implementers get wrong (spec: routing 11.1), each as its row says.
 */
import { IPCZ_TRAP_NEW_LOCAL_PARCEL, IPCZ_TRAP_PEER_CLOSED } from "@ipcz/api";
import { describe, expect, it } from "vitest";
import { refusesPuts, sendBytes } from "../../src/routing/outbound.ts";
import { mergeRoutes } from "../../src/routing/merge.ts";
import { RouteEdge } from "../../src/routing/route-edge.ts";
import { Router } from "../../src/routing/router.ts";
import { NULL_FRAGMENT } from "../../src/wire/descriptors.ts";
import { NO_NODE, PRIMARY_BUFFER, SIDE_B, type SublinkId } from "../../src/wire/ids.ts";
import { AddBlockBuffer } from "../../src/wire/messages/memory.ts";
import { AcceptParcel } from "../../src/wire/messages/parcel.ts";
import {
  AcceptBypassLink,
  BypassPeer,
  BypassPeerWithLink,
  FlushRouter,
  ProxyWillStop,
  RouteClosed,
  RouteDisconnected,
  StopProxying,
  StopProxyingToLocalPeer,
} from "../../src/wire/messages/route.ts";
import { type NetNode, Network, type SourceConduct } from "../links/network.ts";
import { plainDescriptor } from "../wire/plain-descriptor.ts";
import { Bench, parcelOf, statusOf } from "./bench.ts";
import { expectConnected, expectDirect, ThreeNodes } from "./three-nodes.ts";

const BOTH_STABLE = 0x03;
const WAITING_A = 0x04;
const WAITING_B = 0x08;
const LOCKED_A = 0x10;

/** Arms a trap and counts how often it fires. */
function count(node: NetNode, router: Router, flags: number): { fired: number } {
  const counter = { fired: 0 };
  node.call(() =>
    router.traps.arm(
      { flags, minLocalParcels: 0, minLocalBytes: 0 },
      () => {
        counter.fired++;
      },
      null,
      router,
    ),
  );
  return counter;
}

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
    const closed = count(bench.node, router, IPCZ_TRAP_PEER_CLOSED);
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
    const arrivals = count(bench.node, router, IPCZ_TRAP_NEW_LOCAL_PARCEL);
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

describe("decay", () => {
  it("case 11: a link that never carried anything is gone at once, and a waiting peer is woken", () => {
    const { net, x, y, z, px, sendAsProxy, wakeY, expectClean } = new ThreeNodes();
    const pz = sendAsProxy();
    wakeY();
    net.deliver(x, y);
    net.deliver(y, z);
    net.deliver(z, x);
    // X is stable already, but Z is not: X's closure has to wait for it.
    x.close(px);
    expect(net.underWay(x, z)).toEqual([ProxyWillStop.id]);
    net.deliver(x, z);
    expect(pz.outward.isStable).toBe(true);
    expect(net.underWay(z, x)).toEqual([FlushRouter.id]);
    net.run();
    expect(pz.isDead).toBe(true);
    expectClean(1, 2, 2);
  });

  it("case 12: a pair split before anything was sent is stable when it arrives", () => {
    const { net, y, z, send, arrived, expectClean } = new ThreeNodes();
    const [stays, goes] = y.pair();
    send(goes);
    net.run();
    const pz = arrived();
    expectDirect(stays, pz);
    expectConnected(y, stays, z, pz);
    expectClean(2, 4, 2);
  });

  it("case 12b: a pair split after something was read is stable too", () => {
    const { net, y, z, send, arrived } = new ThreeNodes();
    const [stays, goes] = y.pair();
    y.putText(stays, "read before");
    y.getAll(goes);
    y.putText(stays, "unread");
    send(goes);
    net.run();
    const pz = arrived();
    expect(z.getAll(pz)).toEqual(["unread"]);
    expectDirect(stays, pz);
    expectConnected(y, stays, z, pz);
  });

  it.each([
    ["ProxyWillStop first", ["x z", "x y", "y z"]],
    ["StopProxying first", ["x y", "x z", "y z"]],
    ["all parcels before ProxyWillStop", ["x y", "y z", "x z"]],
  ] as const)("case 13: limits come in any order (%s)", (_what, order) => {
    const { net, x, y, z, px, sendAsProxy, wakeY, expectClean } = new ThreeNodes();
    const pz = sendAsProxy();
    wakeY();
    x.putText(px, "0");
    z.putText(pz, "1");
    net.deliver(x, y, 1);
    net.deliver(y, z);
    x.putText(px, "2");
    net.deliver(z, x);
    x.putText(px, "3");
    z.putText(pz, "4");
    const nodes: Readonly<Record<string, NetNode>> = { x, y, z };
    for (const step of order) {
      const [from, to] = step.split(" ").map((label) => nodes[label]);
      net.deliver(from!, to!);
    }
    net.run();
    expect(z.getAll(pz)).toEqual(["0", "2", "3"]);
    expect(x.getAll(px)).toEqual(["1", "4"]);
    expectDirect(px, pz);
    expectClean(2, 2, 2);
  });
});

describe("link states and introductions", () => {
  it("case 14: without a link state a pair becomes a proxy, unlocked, and gets short when there is one", () => {
    let conduct: SourceConduct = "never";
    const three = new ThreeNodes({
      choose: () => ({ memV2: false, freeBlocks: 0 }),
      source: () => conduct,
    });
    const { net, y, z, send, arrived } = three;
    const [stays, goes] = y.pair();
    send(goes);
    expect(statusOf(stays.outward.primary)).toBe(BOTH_STABLE);
    net.run();
    const pz = arrived();
    expectConnected(y, stays, z, pz);
    expect(goes.localPeer === stays, "the proxy is still there").toBe(true);
    conduct = "now";
    // It asks for memory, and finds it when it is woken the next time.
    for (const _ of [1, 2]) y.event(() => goes.settle(true));
    net.run();
    expectDirect(stays, pz);
    expectConnected(y, stays, z, pz);
  });

  it("case 15: a link whose state is in an unknown buffer carries parcels, and closes when it is known", () => {
    const three = new ThreeNodes({
      choose: () => ({ memV2: false, freeBlocks: 0 }),
      source: () => "now",
    });
    const { net, y, z, send, arrived } = three;
    net.queue.onTransmit = ({ id }) => (id === AddBlockBuffer.id ? "late" : "queue");
    // Y has a new buffer now, of which Z does not know.
    y.linkTo(z).memory.tryAllocateLinkState()?.release();
    const [stays, goes] = y.pair();
    send(goes);
    const held = net.next().length;
    expect(held).toBe(2);
    net.deliver(y, z);
    const pz = arrived();
    // Too big for the blocks of the new buffer.
    const text = "x".repeat(100);
    y.putText(stays, text);
    z.putText(pz, text);
    net.deliver(y, z);
    net.deliver(z, y);
    expect([z.getAll(pz), y.getAll(stays)]).toEqual([[text], [text]]);
    expect(statusOf(pz.outward.primary), "not resolved").toBeNull();
    z.close(pz);
    expect(net.underWay(z, y)).toEqual([]);
    net.run();
    expect(stays.isDead).toBe(true);
    expect(net.queue.refusals).toEqual([]);
  });

  it("case 16: when the two ends cannot be introduced, both see the route lost", () => {
    const { net, y, px, send, arrived, expectClean } = new ThreeNodes({
      refuseIntroduction: () => true,
    });
    send();
    net.run();
    const pz = arrived();
    expect([px.isPeerClosed, pz.isPeerClosed, px.isDead, pz.isDead]).toEqual(
      Array.from({ length: 4 }, () => true),
    );
    expect(y.links.size).toBe(2);
    expectClean(2, 2, 2);
  });

  it("case 17: a bypass that was not allowed, or of a route that ends here, changes nothing", () => {
    const { net, x, y, z, px, py, sendAsProxy } = new ThreeNodes();
    net.connect(x, z);
    const offer = (to: NetNode, from: NetNode, sublink: SublinkId): void => {
      z.linkTo(to).send(AcceptBypassLink, {
        currentPeerNode: from.name,
        currentPeerSublink: sublink,
        inboundSequenceLengthFromBypassedLink: 0,
        newSublink: 700 as SublinkId,
        newLinkStateFragment: { bufferId: PRIMARY_BUFFER, offset: 1088, size: 64 },
      });
      net.run();
    };
    offer(x, y, 0 as SublinkId);
    expectDirect(px, py);
    expectConnected(x, px, y, py);
    const pz = sendAsProxy();
    offer(y, x, 0 as SublinkId);
    expectConnected(x, px, z, pz);
  });

  it("case 18: bypass messages for a route that was lost are ignored", () => {
    const { net, x, y, z, px, sendAsProxy, wakeY } = new ThreeNodes();
    const pz = sendAsProxy();
    wakeY();
    net.deliver(x, y);
    net.deliver(y, z);
    expect(net.underWay(z, x)[0]).toBe(AcceptBypassLink.id);
    x.event(() => {
      px.acceptDisconnected("central");
    });
    net.run();
    expect(net.queue.refusals).toEqual([]);
    expect([px.isDead, pz.isDead]).toEqual([true, true]);
  });

  it("case 19: a route whose ends meet on one node becomes a local pair (S2)", () => {
    const { net, x, y, px, py, by, bx, expectClean } = new ThreeNodes();
    x.putText(px, "0");
    y.putText(py, "1");
    y.putText(by, "a portal", [py]);
    net.deliver(y, x);
    const back = x.getPortal(bx);
    expect(net.underWay(x, y)).toContain(StopProxying.id);
    x.putText(px, "2");
    net.run();
    expectDirect(px, back);
    expect(back.localPeer === px).toBe(true);
    expect(x.getAll(back)).toEqual(["0", "2"]);
    expect(x.getAll(px)).toEqual(["1"]);
    expectClean(3, 2, 1);
  });
});

describe("loss", () => {
  it.each([["a local pair"], ["a remote route"]])(
    "case 20: a connection lost while a portal is sent over it cuts the route (%s)",
    (what) => {
      const { net, y, z, px, py, send } = new ThreeNodes();
      const [stays, goes] = y.pair();
      const [portal, peer] = what === "a local pair" ? [goes, stays] : [py, px];
      net.queue.onTransmit = ({ id }, to) => {
        if (id === AcceptParcel.id && to.driver === z.driver) y.drop(y.linkTo(z));
        return "queue";
      };
      send(portal);
      net.run();
      expect([peer.isPeerClosed, peer.isDead]).toEqual([true, true]);
      expect(net.queue.refusals).toEqual([]);
    },
  );

  it("case 21: parcels lost inside a proxy cut the route at both ends, though one had finished", () => {
    const { net, x, y, z, px, sendAsProxy, wakeY } = new ThreeNodes();
    const pz = sendAsProxy();
    wakeY();
    x.putText(px, "lost");
    net.deliver(x, y);
    net.deliver(y, z, 1);
    net.deliver(z, x);
    net.deliver(x, z);
    expect(px.outward.isStable, "X has finished").toBe(true);
    expect(pz.outward.isStable, "Z has not").toBe(false);
    x.putText(px, "beyond the gap");
    net.crash(y);
    net.run();
    expect([pz.isDead, px.isDead]).toEqual([true, true]);
    expect(z.getAll(pz)).toEqual([]);
  });

  it("case 22: after a cut what has come without a gap can be read; the rest is closed", () => {
    const bench = new Bench();
    const { router } = bench.terminal();
    const [peer, attached] = bench.node.pair();
    for (const number of [0, 1]) {
      bench.handle(() => router.acceptParcel("central", parcelOf(String(number), number)));
    }
    bench.handle(() => router.acceptParcel("central", parcelOf("3", 3, [attached])));
    bench.handle(() => {
      router.acceptDisconnected("central");
    });
    expect([router.isPeerClosed, router.isDead, peer.isPeerClosed]).toEqual([true, false, true]);
    expect(bench.node.getAll(router)).toEqual(["0", "1"]);
    expect(router.isDead).toBe(true);
  });
});

describe("merging, and early parcels", () => {
  it.each([["first"], ["second"]])(
    "case 23: the far end of a merge sees a peer that was closed before (%s argument)",
    (which) => {
      const node = new Network().node("n");
      const [a, b] = node.pair();
      const [c, d] = node.pair();
      node.putText(a, "before");
      node.close(a);
      node.call(() => {
        if (which === "first") mergeRoutes(b, c);
        else mergeRoutes(c, b);
        b.release();
        c.release();
      });
      expect([d.isPeerClosed, node.getAll(d), d.isDead]).toEqual([true, ["before"], true]);
      expect(node.census.routers.size).toBe(1);
    },
  );

  it("case 24: a bridge whose second lock fails gives the first back, and tries again when woken", () => {
    const { net, x, y, z, px, py, cy, cz, expectClean } = new ThreeNodes();
    const far = cz.outward.primary;
    expect(far?.tryLockForBypass(NO_NODE)).toBe(true);
    y.call(() => {
      mergeRoutes(py, cy);
      py.release();
      cy.release();
    });
    expect(statusOf(py.outward.primary)).toBe(BOTH_STABLE);
    expect(statusOf(cy.outward.primary)).toBe(BOTH_STABLE | 0x20);
    far?.unlock();
    z.event(() => far?.flushOtherSide());
    net.run();
    expectDirect(px, cz);
    expectConnected(x, px, z, cz);
    expectClean(2, 1, 1);
  });

  it("case 24b: a bridge with one local peer is answered at its remote side (B2)", () => {
    const { net, y, z, cy, cz, expectClean } = new ThreeNodes();
    const [stays, merged] = y.pair();
    y.putText(stays, "0");
    z.putText(cz, "1");
    y.call(() => {
      mergeRoutes(merged, cy);
      merged.release();
      cy.release();
    });
    expect(net.underWay(y, z)).toContain(BypassPeerWithLink.id);
    net.deliver(y, z);
    expect(net.underWay(z, y)).toContain(StopProxyingToLocalPeer.id);
    net.run();
    expectDirect(stays, cz);
    expect(z.getAll(cz)).toEqual(["0"]);
    expect(y.getAll(stays)).toEqual(["1"]);
    expectClean(2, 3, 1);
  });

  it("case 25: a parcel for an unknown sublink waits, or is closed with its portals", () => {
    const bench = new Bench();
    const { node, p } = bench;
    const send = (sublink: SublinkId, newSublink: number): void => {
      p.linkTo(node).send(AcceptParcel, {
        sublink,
        sequenceNumber: 0,
        subparcelIndex: 0,
        numSubparcels: 1,
        parcelFragment: NULL_FRAGMENT,
        parcelData: new Uint8Array([1]),
        handleTypes: [0],
        newRouters: [plainDescriptor(newSublink)],
        driverObjects: { first: 0, count: 0 },
      });
      bench.net.deliver(p, node);
    };
    // Early: the portal is kept with its parcel, and comes when the sublink is bound.
    const early = 800 as SublinkId;
    send(early, 900);
    expect(node.census.routers.size).toBe(1);
    const router = bench.router();
    const link = node.linkTo(p);
    link.bind(early, "outward", SIDE_B, null, router);
    expect(router.localParcels).toBe(0);
    bench.handle(() => {
      link.deliverEarlyParcels(early);
    });
    expect(router.localParcels).toBe(1);
    // Late: the sublink was there and is gone. The portal is closed; its proxy will hear of it when the route is short.
    link.linkAt(early)?.deactivate();
    const before = [...node.census.routers];
    send(early, 901);
    const [late] = [...node.census.routers].filter((one) => !before.includes(one));
    expect(late?.closed).toBe(true);
    expect(bench.refusals).toEqual([]);
    expect(late?.outbound.end).toBe(0);
  });
});

describe("also easy to miss", () => {
  it("both ends of a pair may ride in one parcel, and are a pair where they arrive", () => {
    const { net, y, z, cy, cz, expectClean } = new ThreeNodes();
    const [a, b] = y.pair();
    y.putText(a, "0");
    y.putText(b, "1");
    y.putText(cy, "two portals", [a, b]);
    net.run();
    const parcel = z.take(cz);
    const [pa, pb] = (parcel?.takeAttachments(2) ?? []) as Router[];
    z.call(() => parcel?.close());
    net.run();
    expectDirect(pa!, pb!);
    expect(z.getAll(pb!)).toEqual(["0"]);
    expect(z.getAll(pa!)).toEqual(["1"]);
    expectClean(2, 3, 3);
  });

  it("sequence numbers go on after a move, and unread parcels travel along", () => {
    const { net, x, y, z, px, py, send, arrived } = new ThreeNodes();
    x.putText(px, "read");
    y.putText(py, "sent before");
    net.run();
    y.getAll(py);
    x.putText(px, "unread");
    net.run();
    send();
    net.run();
    const pz = arrived();
    z.putText(pz, "sent after");
    net.run();
    expect(z.getAll(pz)).toEqual(["unread"]);
    expect(x.getAll(px)).toEqual(["sent before", "sent after"]);
  });

  it("portals may be moved, merged or closed before they have a link", () => {
    const net = new Network();
    const a = net.node("a");
    const b = net.node("b");
    net.connect(a, b);
    const portals = [0, 1, 2].map(() => new Router(a.world));
    const [moved, merged, closed] = portals as [Router, Router, Router];
    const [carrier] = net.initialPortals(a, b, 1);
    a.putText(moved, "0");
    a.putText(carrier![0], "a portal", [moved]);
    const [one, two] = a.pair();
    a.putText(one, "1");
    a.call(() => {
      mergeRoutes(two, merged);
      two.release();
      merged.release();
    });
    a.putText(closed, "2");
    closed.retain();
    a.close(closed);
    for (const [index, portal] of portals.entries()) net.bindInitial(a, b, portal, index + 3);
    closed.release();
    const others = portals.map(() => new Router(b.world));
    for (const [index, portal] of others.entries()) net.bindInitial(b, a, portal, index + 3);
    net.run();
    expect(others.map((portal) => b.getAll(portal))).toEqual([["0"], ["1"], ["2"]]);
    expect(others.map((portal) => portal.isDead)).toEqual([false, false, true]);
    const back = b.getPortal(carrier![1]);
    expectDirect(back, others[0]!);
    b.putText(back, "goes on counting");
    net.run();
    expect(b.getAll(others[0]!)).toEqual(["goes on counting"]);
    expectDirect(one, others[1]!);
    expect(net.queue.refusals).toEqual([]);
    expect([a.census.routers.size, b.census.routers.size]).toEqual([2, 5]);
  });

  it("a router that was cut while it waited for a link refuses it", () => {
    const net = new Network();
    const a = net.node("a");
    const b = net.node("b");
    net.connect(a, b);
    const router = new Router(a.world);
    a.event(() => {
      router.acceptDisconnected("central");
    });
    net.bindInitial(a, b, router, 0);
    expect(net.underWay(a, b)).toEqual([RouteDisconnected.id]);
    expect(a.linkTo(b).sublinkCount).toBe(0);
  });

  it("two proxies side by side that get no memory give up for good, not in turn without end", () => {
    const three = new ThreeNodes({
      choose: () => ({ memV2: false, freeBlocks: 0 }),
      source: () => "never",
    });
    const { net, x, y, z, bx, by, send, arrived } = three;
    const [one, other] = y.pair();
    send(one);
    y.putText(by, "", [other]);
    net.run();
    const [pz, px] = [arrived(), x.getPortal(bx)];
    expectConnected(x, px, z, pz);
    expect(one.localPeer === other, "both proxies are still there").toBe(true);
    expect(statusOf(one.outward.primary), "and nothing is locked").toBe(BOTH_STABLE);
  });

  it("a closed portal closes what it would have read at once, though its closure has to wait", () => {
    const { net, x, z, px, sendAsProxy } = new ThreeNodes();
    const pz = sendAsProxy();
    const [unread, first] = x.pair();
    const [late, second] = x.pair();
    x.putText(px, "unread", [first]);
    net.run();
    z.close(pz);
    net.run();
    expect([px.inbound.end, unread.isDead]).toEqual([null, true]);
    x.putText(px, "too late", [second]);
    net.run();
    expect([px.inbound.end, late.isDead]).toEqual([null, true]);
  });

  it("a link that is lost while Z waits for its memory cuts the route at both ends (spec: routing 5.10)", () => {
    const three = new ThreeNodes({
      choose: () => ({ memV2: false, freeBlocks: 0 }),
      source: () => "later",
      lateIntroductions: true,
    });
    const { net, x, y, z, px, sendAsProxy, wakeY } = three;
    net.connect(z, x);
    const pz = sendAsProxy();
    wakeY();
    net.deliver(x, y);
    net.deliver(y, z);
    expect(net.events.map(({ what }) => what)).toContain("65536 bytes for z");
    net.events.length = 0;
    net.cut(x, z);
    net.run();
    expect([pz.isDead, px.isDead]).toEqual([true, true]);
    expect([x.links.size, y.links.size, z.links.size]).toEqual([1, 2, 1]);
  });

  it("a proxy that gives up for want of memory wakes its peer, once (spec: routing 4.6)", () => {
    let conduct: SourceConduct = "later";
    const { net, y, send, arrived, z } = new ThreeNodes({
      choose: () => ({ memV2: false, freeBlocks: 0 }),
      source: () => conduct,
      lateIntroductions: true,
    });
    const [stays, goes] = y.pair();
    send(goes);
    net.deliver(y, z);
    const pz = arrived();
    expect(statusOf(stays.outward.primary), "the proxy waits for memory").toBe(0x23);
    y.close(stays);
    net.deliver(y, z);
    expect(pz.isPeerClosed).toBe(false);
    conduct = "never";
    for (const event of net.events.splice(0)) event.run();
    expect(stays.outward.primary, "closed when it was woken").toBeNull();
    net.run();
    expect(pz.isDead).toBe(true);
  });
});
