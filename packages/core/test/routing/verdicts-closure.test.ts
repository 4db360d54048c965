/** What a router thinks of closure, loss and a flush in each state, row by row (spec: routing appendix B, 6.2). */
import { describe, expect, it } from "vitest";
import { LocalLink } from "../../src/links/local-link.ts";
import { RouteEdge } from "../../src/routing/route-edge.ts";
import type { SublinkId } from "../../src/wire/ids.ts";
import { FlushRouter, RouteClosed, RouteDisconnected } from "../../src/wire/messages/route.ts";
import { Bench } from "./bench.ts";

const UNKNOWN = 9999 as SublinkId;

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
