/** What a router thinks of each message to proxies that stop in each state, row by row (spec: routing appendix B). */
import { describe, expect, it } from "vitest";
import { LocalLink } from "../../src/links/local-link.ts";
import { mergeRoutes } from "../../src/routing/merge.ts";
import { RouteEdge } from "../../src/routing/route-edge.ts";
import type { SublinkId } from "../../src/wire/ids.ts";
import {
  ProxyWillStop,
  StopProxying,
  StopProxyingToLocalPeer,
} from "../../src/wire/messages/route.ts";
import { Bench, decaying } from "./bench.ts";

const UNKNOWN = 9999 as SublinkId;

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
