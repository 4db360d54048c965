/** Loss and merging: of the 25 cases that implementers get wrong (spec: routing 11.1), each as its row says. */
import { describe, expect, it } from "vitest";
import { mergeRoutes } from "../../src/routing/merge.ts";
import { Router } from "../../src/routing/router.ts";
import { NULL_FRAGMENT } from "../../src/wire/descriptors.ts";
import { NO_NODE, SIDE_B, type SublinkId } from "../../src/wire/ids.ts";
import { AcceptParcel } from "../../src/wire/messages/parcel.ts";
import {
  BypassPeerWithLink,
  RouteDisconnected,
  StopProxyingToLocalPeer,
} from "../../src/wire/messages/route.ts";
import type { SourceConduct } from "../links/net-node.ts";
import { Network } from "../links/network.ts";
import { plainDescriptor } from "../wire/plain-descriptor.ts";
import { Bench, parcelOf, statusOf } from "./bench.ts";
import { expectConnected, expectDirect, ThreeNodes } from "./three-nodes.ts";

const BOTH_STABLE = 0x03;

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
