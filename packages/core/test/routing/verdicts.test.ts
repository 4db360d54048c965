/**
 * What a router thinks of each control message in each state, row by row (spec: routing appendix B, 6.2).
 */
import { describe, expect, it } from "vitest";
import { LocalLink } from "../../src/links/local-link.ts";
import { mergeRoutes } from "../../src/routing/merge.ts";
import { RouteEdge } from "../../src/routing/route-edge.ts";
import { Router } from "../../src/routing/router.ts";
import {
  type BufferId,
  NO_BUFFER,
  type NodeName,
  PRIMARY_BUFFER,
  SIDE_A,
  type SublinkId,
} from "../../src/wire/ids.ts";
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
import { Bench, lockByFarEnd } from "./bench.ts";

const UNKNOWN = 9999 as SublinkId;
const STRANGER = "0000000000000000000000000000dead" as NodeName;

/** A router whose decaying outward link is `old`, with a new primary one. */
function decaying(bench: Bench, limits: { to?: number; from?: number } = {}) {
  const { router, link: old, state: oldState } = bench.terminal();
  router.outward.beginDecay(limits.to ?? null, limits.from ?? null);
  const fresh = bench.central(router, bench.q);
  router.outward.install(fresh.link);
  return { router, old, oldState, fresh: fresh.link };
}

describe("BypassPeer", () => {
  it("for an unknown sublink is ignored", () => {
    const bench = new Bench();
    bench.p.linkTo(bench.node).send(BypassPeer, {
      sublink: UNKNOWN,
      bypassTargetNode: bench.q.name,
      bypassTargetSublink: UNKNOWN,
    });
    bench.net.run();
    expect(bench.refusals).toEqual([]);
  });

  it("is ignored by a router without an outward primary link", () => {
    const bench = new Bench();
    const router = bench.router();
    const link = bench.bind(router, "outward");
    expect(router.acceptBypassPeer(link, bench.q.name, UNKNOWN)).toBe("ignore");
  });

  it("is rejected from any other link than the outward primary one", () => {
    const bench = new Bench();
    const { router, old, fresh } = decaying(bench);
    expect(router.acceptBypassPeer(old, bench.q.name, UNKNOWN)).toBe("reject");
    expect(router.acceptBypassPeer(bench.bind(router, "inward"), bench.q.name, UNKNOWN)).toBe(
      "reject",
    );
    expect(router.outward.primary).toBe(fresh);
  });

  it("with a remote target is rejected when the outward edge decays already", () => {
    const bench = new Bench();
    const { router, fresh } = decaying(bench, { to: 0 });
    expect(router.acceptBypassPeer(fresh, bench.p.name, UNKNOWN)).toBe("reject");
    expect(router.outward.primary).toBe(fresh);
  });

  it("is rejected late, when the link to a remote target comes late", () => {
    const bench = new Bench({ lateIntroductions: true });
    const r = bench.net.node("r");
    const { router, fresh } = decaying(bench, { to: 0 });
    expect(bench.handle(() => router.acceptBypassPeer(fresh, r.name, UNKNOWN))).toBe("accept");
    expect(bench.node.links.has(bench.q.name)).toBe(true);
    bench.net.run();
    expect(bench.node.links.has(bench.q.name), "the connection it came by").toBe(false);
    expect(router.cut).toBe(true);
  });

  it("is rejected late, when memory for the new link comes late", () => {
    const bench = new Bench({
      choose: () => ({ memV2: false, freeBlocks: 1 }),
      source: () => "later",
      lateIntroductions: true,
    });
    const { router, fresh } = decaying(bench, { to: 0 });
    const accept = () => router.acceptBypassPeer(fresh, bench.p.name, UNKNOWN);
    expect(bench.handle(accept)).toBe("accept");
    expect(bench.node.links.has(bench.q.name)).toBe(true);
    bench.net.run();
    expect(bench.node.links.has(bench.q.name), "the connection it came by").toBe(false);
    expect(router.cut).toBe(true);
  });

  it("with a remote target nobody can reach cuts the route", () => {
    const bench = new Bench();
    const { router, link } = bench.terminal();
    expect(bench.handle(() => router.acceptBypassPeer(link, STRANGER, UNKNOWN))).toBe("accept");
    expect(router.cut).toBe(true);
    expect(bench.sentTo(bench.p)).toEqual([RouteDisconnected.id]);
  });

  it("with a local target that is gone cuts the route", () => {
    const bench = new Bench();
    const { router, link } = bench.terminal();
    const verdict = bench.handle(() => router.acceptBypassPeer(link, bench.node.name, UNKNOWN));
    expect(verdict).toBe("accept");
    expect(router.cut).toBe(true);
  });

  it("with a local target that is cut, or has no primary link, does nothing", () => {
    const bench = new Bench();
    const { router, link } = bench.terminal();
    const target = bench.router();
    const bound = bench.bind(target, "central");
    const accept = () => router.acceptBypassPeer(link, bench.node.name, bound.sublink);
    expect(bench.handle(accept)).toBe("accept");
    target.cut = true;
    target.outward.install(bound);
    expect(bench.handle(accept)).toBe("accept");
    expect(router.cut).toBe(false);
    expect(router.outward.primary).toBe(link);
  });

  it("with a local target is rejected unless it names another router's locked central primary link", () => {
    const bench = new Bench();
    const { router, link } = bench.terminal();
    const self = bench.node.name;
    const accept = (sublink: SublinkId) => router.acceptBypassPeer(link, self, sublink);
    expect(accept(link.sublink), "the same router").toBe("reject");

    const unlocked = bench.terminal();
    expect(accept(unlocked.link.sublink), "not locked").toBe("reject");
    lockByFarEnd(unlocked.state, STRANGER);
    expect(accept(unlocked.link.sublink), "locked for another node").toBe("reject");

    const other = bench.terminal();
    const spare = bench.central(other.router);
    lockByFarEnd(spare.state, self);
    expect(accept(spare.link.sublink), "not its primary link").toBe("reject");

    const peripheral = bench.router();
    const outward = bench.bind(peripheral, "outward");
    peripheral.outward.install(outward);
    expect(accept(outward.sublink), "not central").toBe("reject");
    expect(router.outward.primary).toBe(link);
  });

  it("with a local target is rejected when one of the two decays already", () => {
    const bench = new Bench();
    const target = bench.terminal();
    lockByFarEnd(target.state, bench.node.name);
    const { router, fresh } = decaying(bench, { to: 0 });
    const viaQ = bench.terminal(bench.q);
    lockByFarEnd(viaQ.state, bench.node.name);
    expect(router.acceptBypassPeer(fresh, bench.node.name, viaQ.link.sublink)).toBe("reject");

    const asking = bench.terminal();
    target.router.outward.beginDecay(0, 0);
    const again = bench.central(target.router);
    lockByFarEnd(again.state, bench.node.name);
    target.router.outward.install(again.link);
    expect(asking.router.acceptBypassPeer(asking.link, bench.node.name, again.link.sublink)).toBe(
      "reject",
    );
  });

  it("with a good local target makes a local pair and stops the proxy", () => {
    const bench = new Bench();
    const { router, link } = bench.terminal();
    const target = bench.terminal();
    lockByFarEnd(target.state, bench.node.name);
    const verdict = bench.handle(() =>
      router.acceptBypassPeer(link, bench.node.name, target.link.sublink),
    );
    expect(verdict).toBe("accept");
    expect(router.localPeer).toBe(target.router);
    expect(target.router.localPeer).toBe(router);
    expect(bench.sentTo(bench.p)).toEqual([StopProxying.id]);
  });
});

describe("AcceptBypassLink and BypassPeerWithLink", () => {
  const offer = (bench: Bench, node: NodeName, sublink: SublinkId, fragment: object = {}) => {
    bench.q.linkTo(bench.node).send(AcceptBypassLink, {
      currentPeerNode: node,
      currentPeerSublink: sublink,
      inboundSequenceLengthFromBypassedLink: 0,
      newSublink: 500 as SublinkId,
      newLinkStateFragment: { bufferId: PRIMARY_BUFFER, offset: 1088, size: 64, ...fragment },
    });
    bench.net.run();
  };

  it("from a proxy on an unknown node, or an unknown sublink, are ignored", () => {
    const bench = new Bench();
    offer(bench, STRANGER, UNKNOWN);
    offer(bench, bench.p.name, UNKNOWN);
    bench.p.linkTo(bench.node).send(BypassPeerWithLink, {
      sublink: UNKNOWN,
      newSublink: 500 as SublinkId,
      newLinkStateFragment: { bufferId: NO_BUFFER, offset: 0, size: 0 },
      inboundSequenceLength: 0,
    });
    bench.net.run();
    expect(bench.refusals).toEqual([]);
  });

  it.each([
    ["null", { bufferId: NO_BUFFER }],
    ["too small", { size: 63 }],
    ["misaligned", { offset: 1092 }],
    ["past the end of its buffer", { offset: 131_064, size: 64 }],
  ])("with a link state that is %s are rejected", (_what, fragment) => {
    const bench = new Bench();
    const { link, state, router } = bench.terminal();
    lockByFarEnd(state, bench.q.name);
    offer(bench, bench.p.name, link.sublink, fragment);
    expect(bench.refusals).toHaveLength(1);
    expect(router.outward.primary).toBe(link);
  });

  it("with a link state in a buffer not known yet are accepted", () => {
    const bench = new Bench();
    const { link, state, router } = bench.terminal();
    lockByFarEnd(state, bench.q.name);
    offer(bench, bench.p.name, link.sublink, { bufferId: 77 as BufferId });
    expect(bench.refusals).toEqual([]);
    expect(router.outward.primary).not.toBe(link);
  });

  const accept = (
    bench: Bench,
    router: Router,
    old: ReturnType<Bench["bind"]>,
    over = bench.q,
    sublink = 500 as SublinkId,
  ) =>
    bench.handle(() =>
      router.acceptBypassOffer({
        oldLink: old,
        node: bench.node.linkTo(over),
        newSublink: sublink,
        state: bench.newState(over),
        inboundLength: 0,
      }),
    );

  it("are ignored by a router that is cut, or has no primary link", () => {
    const bench = new Bench();
    const router = bench.router();
    const link = bench.bind(router, "central");
    expect(accept(bench, router, link)).toBe("ignore");
    router.outward.install(link);
    router.cut = true;
    expect(accept(bench, router, link)).toBe("ignore");
  });

  it("are refused by a router whose primary link is local", () => {
    const bench = new Bench();
    const [a] = bench.node.pair();
    const inward = bench.bind(a, "inward");
    expect(accept(bench, a, inward, bench.p), "over the same connection").toBe("reject");
    expect(accept(bench, a, inward, bench.q), "on the word of a proxy").toBe("ignore");
  });

  it("are refused when they name another link than the primary one", () => {
    const bench = new Bench();
    const { router, link } = bench.terminal();
    const other = bench.central(router);
    lockByFarEnd(other.state, bench.q.name);
    expect(accept(bench, router, other.link, bench.p), "over the same connection").toBe("reject");
    expect(accept(bench, router, other.link, bench.q), "on the word of a proxy").toBe("ignore");
    expect(router.outward.primary).toBe(link);
  });

  it("are not taken over another connection unless the lock's holder named its node", () => {
    const bench = new Bench();
    const { router, link, state } = bench.terminal();
    expect(accept(bench, router, link), "not locked").toBe("ignore");
    lockByFarEnd(state, STRANGER);
    expect(accept(bench, router, link), "another node is named").toBe("ignore");
    expect(router.outward.primary).toBe(link);
    state.setAllowedSource(bench.q.name);
    expect(accept(bench, router, link)).toBe("accept");
  });

  it("need no lock over the same connection", () => {
    const bench = new Bench();
    const { router, link } = bench.terminal();
    expect(accept(bench, router, link, bench.p)).toBe("accept");
    expect(bench.sentTo(bench.p)[0]).toBe(StopProxyingToLocalPeer.id);
  });

  it("over another connection are answered to the proxy and to the new peer", () => {
    const bench = new Bench();
    const { router, link, state } = bench.terminal();
    lockByFarEnd(state, bench.q.name);
    expect(accept(bench, router, link)).toBe("accept");
    expect(bench.sentTo(bench.p)).toEqual([StopProxying.id]);
    expect(bench.sentTo(bench.q)[0]).toBe(ProxyWillStop.id);
  });

  it("are refused when the outward edge decays already", () => {
    const bench = new Bench();
    const { router, fresh } = decaying(bench);
    expect(accept(bench, router, fresh, bench.q), "over the same connection").toBe("reject");
    expect(accept(bench, router, fresh, bench.p), "on the word of a proxy").toBe("ignore");
  });

  it("that are not taken leave nothing waiting for their sublink", () => {
    const bench = new Bench();
    const [kept, sent] = bench.q.pair();
    const { link } = bench.terminal();
    const used = new Router(bench.q.world);
    const back = bench.q.linkTo(bench.node);
    const bound = back.bind(500 as SublinkId, "outward", SIDE_A, null, used);
    if (bound) used.outward.install(bound);
    offer(bench, bench.p.name, link.sublink);
    bench.q.putText(used, "in vain", [sent]);
    bench.net.run();
    expect(kept.isDead).toBe(true);
  });

  it("that are not taken close what came early for their sublink", () => {
    const bench = new Bench();
    const [kept, sent] = bench.q.pair();
    const { link } = bench.terminal();
    const used = new Router(bench.q.world);
    const bound = bench.q.linkTo(bench.node).bind(500 as SublinkId, "outward", SIDE_A, null, used);
    if (bound) used.outward.install(bound);
    bench.q.putText(used, "early", [sent]);
    bench.net.run();
    expect(kept.isDead, "it may still be wanted").toBe(false);
    offer(bench, bench.p.name, link.sublink);
    bench.net.run();
    expect(kept.isDead).toBe(true);
  });

  it("cut the route when their sublink is taken", () => {
    const bench = new Bench();
    const { router, link } = bench.terminal();
    const taken = bench.bind(bench.router(), "inward");
    expect(accept(bench, router, link, bench.p, taken.sublink)).toBe("accept");
    expect(router.cut).toBe(true);
  });
});

/** A proxy, both of whose links decay without limits. */
function stoppingProxy(bench: Bench) {
  const { router, link: outer } = bench.terminal();
  router.outward.beginDecay(null, null);
  router.inward = new RouteEdge();
  const inner = bench.bind(router, "inward", bench.q);
  router.inward.install(inner);
  router.inward.beginDecay(null, null);
  return { router, outer, inner };
}

/** A bridge between two routers, both of whose outward links are remote and decay, as in B1. */
function stoppingBridge(bench: Bench) {
  const f = bench.terminal();
  const s = bench.terminal(bench.q);
  mergeRoutes(f.router, s.router);
  for (const { router } of [f, s])
    if (router.outward.isStable) {
      router.outward.beginDecay(null, null);
      router.bridge?.beginDecay(null, null);
    }
  return { f, s };
}

describe("StopProxying", () => {
  it("for an unknown sublink is ignored", () => {
    const bench = new Bench();
    bench.p.linkTo(bench.node).send(StopProxying, {
      sublink: UNKNOWN,
      inboundSequenceLength: 0,
      outboundSequenceLength: 0,
    });
    bench.net.run();
    expect(bench.refusals).toEqual([]);
  });

  it("is ignored by a router that is cut", () => {
    const bench = new Bench();
    const { router, link } = bench.terminal();
    router.cut = true;
    expect(router.acceptStopProxying(link, 0, 0)).toBe("ignore");
  });

  it("is rejected when nothing decays outward", () => {
    const bench = new Bench();
    const { router, link } = bench.terminal();
    expect(router.acceptStopProxying(link, 0, 0)).toBe("reject");
  });

  it("is rejected from any other link than the decaying outward one", () => {
    const bench = new Bench();
    const { router, inner } = stoppingProxy(bench);
    expect(router.acceptStopProxying(inner, 0, 0)).toBe("reject");
    const other = decaying(bench);
    expect(other.router.acceptStopProxying(other.fresh, 0, 0)).toBe("reject");
  });

  it("is rejected by a router that is no proxy, or whose inward link stays", () => {
    const bench = new Bench();
    const { router, old } = decaying(bench);
    expect(router.acceptStopProxying(old, 0, 0)).toBe("reject");
    const proxy = stoppingProxy(bench);
    proxy.router.inward = new RouteEdge();
    expect(proxy.router.acceptStopProxying(proxy.outer, 0, 0)).toBe("reject");
  });

  it("is rejected when a limit is set already", () => {
    const bench = new Bench();
    const { router, outer } = stoppingProxy(bench);
    const { decaying: record } = router.outward;
    if (record) record.from = 3;
    expect(router.acceptStopProxying(outer, 3, 3)).toBe("reject");
    expect(router.inward?.decaying).toMatchObject({ to: null, from: null });
  });

  it("sets all four limits of a proxy, crossed", () => {
    const bench = new Bench();
    const { router, outer } = stoppingProxy(bench);
    expect(bench.handle(() => router.acceptStopProxying(outer, 5, 3))).toBe("accept");
    expect(router.inward?.decaying).toMatchObject({ to: 5, from: 3 });
    expect(router.outward.decaying).toMatchObject({ to: 3, from: 5 });
  });

  it("is rejected by a merged router whose bridge stays, and accepted when the partner's has gone", () => {
    const bench = new Bench();
    const { f, s } = stoppingBridge(bench);
    s.router.bridge = null;
    expect(f.router.acceptStopProxying(f.link, 0, 0)).toBe("accept");
    f.router.bridge = new RouteEdge();
    expect(f.router.acceptStopProxying(f.link, 0, 0)).toBe("reject");
  });

  it("sets all eight limits of a bridge (B1)", () => {
    const bench = new Bench();
    const { f, s } = stoppingBridge(bench);
    expect(bench.handle(() => f.router.acceptStopProxying(f.link, 5, 3))).toBe("accept");
    expect(f.router.bridge?.decaying).toMatchObject({ to: 5, from: 3 });
    expect(f.router.outward.decaying).toMatchObject({ to: 3, from: 5 });
    expect(s.router.bridge?.decaying).toMatchObject({ to: 3, from: 5 });
    expect(s.router.outward.decaying).toMatchObject({ to: 5, from: 3 });
    expect(f.router.acceptStopProxying(f.link, 5, 3), "twice").toBe("reject");
  });
});

describe("ProxyWillStop", () => {
  it("for an unknown sublink is ignored", () => {
    const bench = new Bench();
    const to = bench.p.linkTo(bench.node);
    to.send(ProxyWillStop, { sublink: UNKNOWN, inboundSequenceLength: 0 });
    bench.net.run();
    expect(bench.refusals).toEqual([]);
  });

  it("is rejected when nothing decays outward, ignored by a router that is cut", () => {
    const bench = new Bench();
    const { router, link } = bench.terminal();
    expect(router.acceptProxyWillStop(link, 0)).toBe("reject");
    router.cut = true;
    expect(router.acceptProxyWillStop(link, 0)).toBe("ignore");
  });

  it("is accepted from the outward primary link only", () => {
    const bench = new Bench();
    const { router, old, fresh } = decaying(bench, { to: 0 });
    expect(router.acceptProxyWillStop(old, 4)).toBe("reject");
    expect(router.acceptProxyWillStop(bench.bind(router, "inward"), 4)).toBe("reject");
    expect(router.acceptProxyWillStop(bench.bind(router, "central"), 4)).toBe("reject");
    expect(router.acceptProxyWillStop(fresh, 4)).toBe("accept");
    expect(router.outward.decaying).toMatchObject({ to: 0, from: 4 });
  });

  it("is accepted from a central link that is not installed yet (spec: routing 5.8)", () => {
    const bench = new Bench();
    const { router, link: old } = bench.terminal();
    router.outward.beginDecay(0, null);
    expect(router.acceptProxyWillStop(old, 4), "the decaying link").toBe("reject");
    expect(router.acceptProxyWillStop(bench.bind(router, "outward"), 4)).toBe("reject");
    expect(router.acceptProxyWillStop(bench.bind(router, "central", bench.q), 4)).toBe("accept");
    expect(router.outward.decaying).toMatchObject({ to: 0, from: 4 });
  });

  it("is rejected when the limit is set already", () => {
    const bench = new Bench();
    const { router, fresh } = decaying(bench, { to: 0, from: 4 });
    expect(router.acceptProxyWillStop(fresh, 4)).toBe("reject");
  });
});

/** A proxy whose outer peer is on its node, while both links decay: the state of S3. */
function stoppingLocalProxy(bench: Bench) {
  const [x, y] = bench.node.pair();
  x.outward.beginDecay(0, null);
  y.outward.beginDecay(null, 0);
  y.inward = new RouteEdge();
  const inner = bench.bind(y, "inward");
  y.inward.install(inner);
  y.inward.beginDecay(0, null);
  return { x, y, inner };
}

describe("StopProxyingToLocalPeer", () => {
  it("for an unknown sublink is ignored", () => {
    const bench = new Bench();
    const to = bench.p.linkTo(bench.node);
    to.send(StopProxyingToLocalPeer, { sublink: UNKNOWN, outboundSequenceLength: 0 });
    bench.net.run();
    expect(bench.refusals).toEqual([]);
  });

  it("is ignored by a router that is cut, rejected when nothing decays outward", () => {
    const bench = new Bench();
    const { router, link } = bench.terminal();
    expect(router.acceptStopProxyingToLocalPeer(link, 0)).toBe("reject");
    router.cut = true;
    expect(router.acceptStopProxyingToLocalPeer(link, 0)).toBe("ignore");
  });

  it("is rejected when the decaying outward link is remote", () => {
    const bench = new Bench();
    const { router, inner } = stoppingProxy(bench);
    expect(router.acceptStopProxyingToLocalPeer(inner, 0)).toBe("reject");
  });

  it("does nothing when the local peer has finished", () => {
    const bench = new Bench();
    const { x, y, inner } = stoppingLocalProxy(bench);
    x.outward.takeAll();
    expect(y.acceptStopProxyingToLocalPeer(inner, 0)).toBe("accept");
    expect(y.inward?.decaying).toMatchObject({ to: 0, from: null });
  });

  it("is rejected without an inward edge, or when the two do not decay toward each other", () => {
    const bench = new Bench();
    const one = stoppingLocalProxy(bench);
    one.y.inward = null;
    expect(one.y.acceptStopProxyingToLocalPeer(one.inner, 0)).toBe("reject");

    const two = stoppingLocalProxy(bench);
    const [elsewhere] = LocalLink.central(two.x, bench.router(), true);
    if (two.x.outward.decaying) two.x.outward.decaying.link = elsewhere;
    expect(two.y.acceptStopProxyingToLocalPeer(two.inner, 0)).toBe("reject");
  });

  it("is rejected when the inward edge does not decay, or came from another link", () => {
    const bench = new Bench();
    const { y, inner } = stoppingLocalProxy(bench);
    expect(y.acceptStopProxyingToLocalPeer(bench.bind(y, "inward"), 0)).toBe("reject");
    y.inward = new RouteEdge();
    y.inward.install(inner);
    expect(y.acceptStopProxyingToLocalPeer(inner, 0)).toBe("reject");
  });

  it("is rejected when a limit is set already", () => {
    const bench = new Bench();
    const { x, y, inner } = stoppingLocalProxy(bench);
    if (x.outward.decaying) x.outward.decaying.from = 0;
    expect(y.acceptStopProxyingToLocalPeer(inner, 0)).toBe("reject");
    expect(y.outward.decaying).toMatchObject({ to: null, from: 0 });
  });

  it("sets the three limits of S3", () => {
    const bench = new Bench();
    const { x, y, inner } = stoppingLocalProxy(bench);
    expect(bench.handle(() => y.acceptStopProxyingToLocalPeer(inner, 4))).toBe("accept");
    expect(x.outward.decaying).toMatchObject({ to: 0, from: 4 });
    expect(y.outward.decaying).toMatchObject({ to: 4, from: 0 });
    expect(y.inward?.decaying).toMatchObject({ to: 0, from: 4 });
  });

  /** B2: T's outer peer is local, O's is remote. */
  const stoppingHalf = (bench: Bench) => {
    const [lp, t] = bench.node.pair();
    const o = bench.terminal();
    const link = lp.outward.primary;
    t.addBridge(LocalLink.bridge(t, o.router)[0]);
    const [, back] = LocalLink.bridge(t, o.router);
    o.router.addBridge(back);
    lp.outward.beginDecay(0, null);
    t.outward.beginDecay(null, 0);
    t.bridge?.beginDecay(0, null);
    o.router.bridge?.beginDecay(null, 0);
    o.router.outward.beginDecay(0, null);
    return { lp, t, o, link };
  };

  it("sets the five limits of a bridge to one local peer (B2)", () => {
    const bench = new Bench();
    const { lp, t, o } = stoppingHalf(bench);
    expect(bench.handle(() => o.router.acceptStopProxyingToLocalPeer(o.link, 4))).toBe("accept");
    expect(lp.outward.decaying).toMatchObject({ to: 0, from: 4 });
    expect(t.outward.decaying).toMatchObject({ to: 4, from: 0 });
    expect(t.bridge?.decaying).toMatchObject({ to: 0, from: 4 });
    expect(o.router.bridge?.decaying).toMatchObject({ to: 4, from: 0 });
    expect(o.router.outward.decaying).toMatchObject({ to: 0, from: 4 });
    expect(o.router.acceptStopProxyingToLocalPeer(o.link, 4), "twice").toBe("reject");
  });

  type Half = ReturnType<typeof stoppingHalf>;

  it.each([
    [
      "the bridge stays",
      ({ o }: Half): void => {
        o.router.bridge?.takeAll();
      },
    ],
    [
      "the partner's outward link stays",
      ({ t }: Half): void => {
        t.outward.takeAll();
      },
    ],
    [
      "the partner's bridge stays",
      ({ t }: Half): void => {
        t.bridge?.takeAll();
      },
    ],
    [
      "the local peer does not decay",
      ({ lp }: Half): void => {
        lp.outward.takeAll();
      },
    ],
    [
      "nothing decays outward",
      ({ o }: Half): void => {
        o.router.outward.takeAll();
      },
    ],
    [
      "the partner's outer peer is remote",
      ({ t, o }: Half): void => {
        if (t.outward.decaying) t.outward.decaying.link = o.link;
      },
    ],
  ] as const)("is rejected by a merged router when %s", (_what, change) => {
    const bench = new Bench();
    const half = stoppingHalf(bench);
    change(half);
    expect(half.o.router.acceptStopProxyingToLocalPeer(half.o.link, 4)).toBe("reject");
  });
});

describe("RouteClosed", () => {
  it("for an unknown sublink is ignored", () => {
    const bench = new Bench();
    bench.p.linkTo(bench.node).send(RouteClosed, { sublink: UNKNOWN, sequenceLength: 3 });
    bench.net.run();
    expect(bench.refusals).toEqual([]);
  });

  it("tells a portal's router that its peer is gone", () => {
    const { router } = new Bench().terminal();
    expect(router.acceptRouteClosed("central", 0)).toBe("accept");
    expect(router).toMatchObject({ peerGone: true, isPeerClosed: true, isDead: true });
  });

  it("may be repeated or follow a cut, but never contradict what is known", () => {
    const bench = new Bench();
    const { router } = bench.terminal();
    expect(router.acceptRouteClosed("central", 5)).toBe("accept");
    expect(router.acceptRouteClosed("central", 5)).toBe("accept");
    expect(router.acceptRouteClosed("central", 7)).toBe("accept");
    expect(router.acceptRouteClosed("central", 4)).toBe("reject");
    expect(router.inbound.end).toBe(5);
    const cut = bench.terminal();
    bench.handle(() => cut.router.acceptDisconnected("central"));
    expect(cut.router.acceptRouteClosed("central", 3)).toBe("accept");
  });

  it("is rejected when it is too far ahead", () => {
    const { router } = new Bench().terminal();
    expect(router.acceptRouteClosed("central", 1_000_001)).toBe("reject");
    expect(router.acceptRouteClosed("central", 1_000_000)).toBe("accept");
  });

  it("from inward ends the outbound sequence of a proxy", () => {
    const bench = new Bench();
    const { router } = bench.terminal();
    router.inward = new RouteEdge();
    router.inward.install(bench.bind(router, "inward"));
    expect(bench.handle(() => router.acceptRouteClosed("inward", 3))).toBe("accept");
    expect(router.outbound.end).toBe(3);
    expect(router.peerGone).toBe(false);
    expect(router.acceptRouteClosed("inward", 2)).toBe("reject");
  });

  it("over a bridge ends the outbound sequence and the bridge, once", () => {
    const bench = new Bench();
    const { router } = bench.terminal();
    const [own] = LocalLink.bridge(router, bench.router());
    router.addBridge(own);
    router.outbound.setEnd(9);
    expect(router.acceptRouteClosed("bridge", 3)).toBe("ignore");
    expect(router.bridge).not.toBeNull();

    const other = bench.terminal();
    const [link] = LocalLink.bridge(other.router, bench.router());
    other.router.addBridge(link);
    expect(bench.handle(() => other.router.acceptRouteClosed("bridge", 3))).toBe("accept");
    expect(other.router.bridge).toBeNull();
    expect(other.router.outbound.end).toBe(3);
  });

  it("over a bridge that has gone meanwhile ends the outbound sequence alone", () => {
    const bench = new Bench();
    const { router, link } = bench.terminal();
    expect(bench.handle(() => router.acceptRouteClosed("bridge", 3))).toBe("accept");
    expect([router.outbound.end, router.outward.primary === link]).toEqual([3, true]);
  });

  it("from outside does not end a merged router's route, and travels over its bridge", () => {
    const bench = new Bench();
    const f = bench.terminal();
    const s = bench.terminal(bench.q);
    const [ours, theirs] = LocalLink.bridge(f.router, s.router);
    f.router.addBridge(ours);
    s.router.addBridge(theirs);
    expect(bench.handle(() => f.router.acceptRouteClosed("central", 0))).toBe("accept");
    expect(f.router.peerGone).toBe(false);
    expect(f.router.bridge).toBeNull();
    expect(s.router.bridge).toBeNull();
    expect(bench.sentTo(bench.q)).toEqual([RouteClosed.id]);
  });
});

describe("RouteDisconnected and FlushRouter", () => {
  it("are never rejected, known sublink or not, in any state", () => {
    const bench = new Bench();
    const back = bench.p.linkTo(bench.node);
    const { link } = bench.terminal();
    for (const sublink of [UNKNOWN, link.sublink, link.sublink]) {
      back.send(FlushRouter, { sublink });
      back.send(RouteDisconnected, { sublink });
    }
    bench.net.run();
    expect(bench.refusals).toEqual([]);
  });

  it("echo on the link they came by, which is tolerated", () => {
    const bench = new Bench();
    const { link } = bench.terminal();
    bench.p.linkTo(bench.node).send(RouteDisconnected, { sublink: link.sublink });
    bench.net.deliver(bench.p, bench.node);
    expect(bench.net.underWay(bench.node, bench.p)).toEqual([RouteDisconnected.id]);
    bench.net.run();
    expect(bench.refusals).toEqual([]);
  });
});
