/** What a router thinks of each message about bypasses in each state, row by row (spec: routing appendix B). */
import { describe, expect, it } from "vitest";
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
  ProxyWillStop,
  RouteDisconnected,
  StopProxying,
  StopProxyingToLocalPeer,
} from "../../src/wire/messages/route.ts";
import { Bench, lockByFarEnd, decaying } from "./bench.ts";

const UNKNOWN = 9999 as SublinkId;

const STRANGER = "0000000000000000000000000000dead" as NodeName;

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
