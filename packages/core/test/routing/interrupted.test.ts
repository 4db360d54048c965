/**
 * Routes that get longer or shorter, and what happens in between: memory that comes when it is too late, ids that the
 * other node has spoilt, answers from inside a transmission.
 */
import { describe, expect, it } from "vitest";
import type { LinkMemory } from "../../src/memory/link-memory.ts";
import { NEXT_SUBLINK_ID_OFFSET } from "../../src/memory/primary-buffer.ts";
import { mergeRoutes } from "../../src/routing/merge.ts";
import { Router } from "../../src/routing/router.ts";
import { PRIMARY_BUFFER, SIDE_B, type SublinkId } from "../../src/wire/ids.ts";
import { AcceptParcel } from "../../src/wire/messages/parcel.ts";
import {
  AcceptBypassLink,
  BypassPeerWithLink,
  RouteDisconnected,
} from "../../src/wire/messages/route.ts";
import { blocksInUse } from "../links/blocks.ts";
import type { SourceConduct } from "../links/net-node.ts";
import type { NetworkOptions } from "../links/network.ts";
import { Bench, statusOf } from "./bench.ts";
import { expectConnected, expectDirect, ThreeNodes } from "./three-nodes.ts";

/** As if the node at the other end had written the counter that both take ids for sublinks from. */
function spoilSublinkIds(memory: LinkMemory, next: bigint): void {
  const counters = { bufferId: PRIMARY_BUFFER, offset: NEXT_SUBLINK_ID_OFFSET, size: 8 };
  memory.resolve(counters).region?.storeLong(NEXT_SUBLINK_ID_OFFSET, next);
}

/** New memory comes when the test lets it; each link has `freeBlocks` blocks until then. */
const lateMemory = (freeBlocks: number): NetworkOptions => ({
  choose: () => ({ memV2: false, freeBlocks }),
  source: () => "later",
  lateIntroductions: true,
});

describe("a router that waits for memory to contact X", () => {
  it("gives it back when the route was lost meanwhile", () => {
    const bench = new Bench(lateMemory(1));
    const { router, link } = bench.terminal(bench.q);
    const last = bench.newState(bench.p);
    const accept = () => router.acceptBypassPeer(link, bench.p.name, 9 as SublinkId);
    expect(bench.handle(accept)).toBe("accept");
    expect(bench.net.events.map(({ what }) => what)).toEqual(["65536 bytes for n"]);
    last.release();
    bench.handle(() => router.acceptDisconnected("outward"));
    bench.net.run();
    bench.net.keptBlocks.giveBack();
    expect(blocksInUse(bench.node.linkTo(bench.p).memory)).toEqual([]);
    expect([bench.node.links.size, bench.refusals]).toEqual([2, []]);
  });
});

describe("a connection whose counter of sublinks was spoilt", () => {
  const spoil = (bench: Bench) => {
    spoilSublinkIds(bench.node.linkTo(bench.p).memory, -1n);
  };

  it("cannot be used to contact X, and the route is lost", () => {
    const bench = new Bench();
    const { router, link } = bench.terminal(bench.q);
    spoil(bench);
    bench.handle(() => router.acceptBypassPeer(link, bench.p.name, 9 as SublinkId));
    expect([router.cut, bench.node.links.has(bench.p.name)]).toEqual([true, false]);
    expect(bench.sentTo(bench.q)).toEqual([RouteDisconnected.id]);
    expect(bench.sentTo(bench.p)).not.toContain(AcceptBypassLink.id);
  });

  it.each<[string, bigint]>([
    ["is past all ids", -1n],
    ["gives one that is in use", 0n],
  ])("ends the route in which a proxy wants to be replaced (%s)", (_what, next) => {
    const { net, y, z, send, arrived } = new ThreeNodes(lateMemory(0));
    const [stays, goes] = y.pair();
    send(goes);
    net.deliver(y, z);
    const pz = arrived();
    spoilSublinkIds(y.linkTo(z).memory, next);
    for (const event of net.events.splice(0)) event.run();
    expect([stays.isDead, y.links.has(z.name)]).toEqual([true, next === 0n]);
    net.run();
    expect([pz.isDead, y.census.routers.has(goes)]).toEqual([true, false]);
    expect(net.queue.refusals).toEqual([]);
  });

  it("which gives an id that is in use cuts the route of a pair that is split, at both ends", () => {
    const { net, y, z, send, cz } = new ThreeNodes();
    const link = y.linkTo(z);
    const used = 77 as SublinkId;
    link.bind(used, "outward", SIDE_B, null, new Router(y.world));
    spoilSublinkIds(link.memory, 76n);
    const [stays, goes] = y.pair();
    send(goes);
    expect(stays.isDead).toBe(true);
    net.run();
    const pz = z.getPortal(cz);
    expect([pz.isDead, y.census.routers.has(goes)]).toEqual([true, false]);
    expect(net.queue.refusals).toEqual([]);
  });
});

describe("a proxy that waits for memory for its successor", () => {
  it("gives it back when the route was lost meanwhile", () => {
    const { net, y, z, send, arrived } = new ThreeNodes(lateMemory(0));
    const [stays, goes] = y.pair();
    send(goes);
    net.deliver(y, z);
    const pz = arrived();
    z.event(() => pz.acceptDisconnected("outward"));
    net.deliver(z, y);
    expect([stays.isDead, net.events.length]).toEqual([true, 1]);
    net.run();
    expect(net.queue.refusals).toEqual([]);
    net.keptBlocks.giveBack();
    expect(blocksInUse(y.linkTo(z).memory)).toEqual([]);
    expect(y.census.routers.has(goes)).toBe(false);
  });
});

describe("a bridge that waits for memory for what replaces it", () => {
  /** A portal of Y whose peer is merged with one whose peer is at Z. */
  function merged(options: NetworkOptions) {
    const three = new ThreeNodes(options);
    const { y, cy } = three;
    const [stays, other] = y.pair();
    y.call(() => {
      mergeRoutes(other, cy);
      other.release();
      cy.release();
    });
    return Object.assign(three, { stays });
  }

  it("gives it back when the route was lost meanwhile", () => {
    const { net, y, z, cz, stays } = merged(lateMemory(0));
    expect(statusOf(cz.outward.primary), "locked").toBe(0x13);
    z.event(() => cz.acceptDisconnected("outward"));
    net.deliver(z, y);
    expect([stays.isDead, net.events.length]).toEqual([true, 1]);
    net.run();
    expect(net.underWay(y, z)).not.toContain(BypassPeerWithLink.id);
    net.keptBlocks.giveBack();
    expect(blocksInUse(y.linkTo(z).memory)).toEqual([]);
    expect(y.census.routers.size, "the portal that stays, and the test's own").toBe(3);
  });

  it("is lost with the route when the new link's id is in use", () => {
    const { net, y, z, cz, stays } = merged(lateMemory(0));
    spoilSublinkIds(y.linkTo(z).memory, 0n);
    net.run();
    expect([stays.isDead, cz.isDead, y.links.has(z.name)]).toEqual([true, true, true]);
    expect(net.queue.refusals).toEqual([]);
  });

  it("gives up when there is none, unlocked, and is replaced when there is some later", () => {
    let conduct: SourceConduct = "never";
    const { net, y, z, cy, cz, stays } = merged({
      choose: () => ({ memV2: false, freeBlocks: 0 }),
      source: () => conduct,
    });
    net.run();
    expect([statusOf(stays.outward.primary), statusOf(cz.outward.primary)]).toEqual([3, 3]);
    expectConnected(y, stays, z, cz);
    expect(stays.localPeer?.bridge, "the bridge is still there").not.toBeNull();
    conduct = "now";
    // It asks for memory, and finds it when it is woken the next time.
    for (const _ of [1, 2]) y.event(() => cy.settle(false));
    net.run();
    expectDirect(stays, cz);
    expectConnected(y, stays, z, cz);
  });
});

describe("a pair that is split", () => {
  it("is cut at both ends when the far node gives up its link before the message is sent", () => {
    const { net, y, z, send, arrived } = new ThreeNodes();
    const [stays, goes] = y.pair();
    const next = y.linkTo(z).newSublinks(1) + 1;
    // The decaying link is the second of the two.
    const sublink = (next + 1) as SublinkId;
    net.queue.onTransmit = ({ id }) => {
      if (id !== AcceptParcel.id) return "queue";
      net.queue.onTransmit = null;
      z.linkTo(y).send(RouteDisconnected, { sublink });
      net.deliver(z, y);
      return "queue";
    };
    send(goes);
    expect([stays.isDead, goes.cut]).toEqual([true, true]);
    net.run();
    expect(arrived().isDead).toBe(true);
    expect(y.census.routers.has(goes)).toBe(false);
    expect(net.queue.refusals).toEqual([]);
  });
});
