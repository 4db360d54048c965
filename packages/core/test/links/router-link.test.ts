/**
 * What both kinds of link promise a router (spec: routing 4, 11.2 RouterLinkTest, RemoteRouterLinkTest).
 */
import { describe, expect, it } from "vitest";
import { SIDE_A, SIDE_B } from "../../src/wire/ids.ts";
import { AddBlockBuffer } from "../../src/wire/messages/memory.ts";
import { FlushRouter } from "../../src/wire/messages/route.ts";
import { Router } from "../../src/routing/router.ts";
import { parcelOf, statusOf } from "../routing/bench.ts";
import { blocksInUse } from "./blocks.ts";
import { type LinkPair, TwoNodes } from "./two-nodes.ts";

const KINDS: [string, (nodes: TwoNodes) => LinkPair][] = [
  ["local", (nodes) => nodes.localPair()],
  ["remote", (nodes) => nodes.remotePair()],
];

describe.each(KINDS)("a %s link", (kind, makePair) => {
  it("has one side A and one side B", () => {
    const { a, b } = makePair(new TwoNodes());
    expect([a.side, b.side]).toEqual([SIDE_A, SIDE_B]);
    expect([a.kind, b.kind, a.type, b.type]).toEqual([kind, kind, "central", "central"]);
  });

  it("is locked only when both sides are stable, by one at a time (Locking)", () => {
    const nodes = new TwoNodes();
    const { a, b } = makePair(nodes);
    const name = nodes.b.name;
    const lock = () => [a.tryLockForBypass(name), b.tryLockForBypass(name)];
    expect(lock()).toEqual([false, false]);
    a.markStable();
    expect(lock()).toEqual([false, false]);
    b.markStable();
    expect(lock()).toEqual([true, false]);
    expect([a.isLocked, b.isLocked]).toEqual([true, false]);
    expect(b.tryLockForClosure()).toBe(false);
    a.unlock();
    expect((statusOf(a) ?? 0) & 0x33).toBe(0x03);
    expect([b.tryLockForClosure(), a.tryLockForClosure()]).toEqual([true, false]);
    b.unlock();
    expect([a.isLocked, b.isLocked]).toEqual([false, false]);
    expect((statusOf(b) ?? 0) & 0x33).toBe(0x03);
  });

  it("accepts a bypass from the named node at the far side of the lock only (Locking)", () => {
    const nodes = new TwoNodes();
    const { a, b } = makePair(nodes);
    a.markStable();
    b.markStable();
    expect(a.tryLockForBypass(nodes.b.name)).toBe(true);
    if (a.kind !== "remote" || b.kind !== "remote") return;
    expect([b.mayRequestBypass(nodes.b.name), b.mayRequestBypass(nodes.a.name)]).toEqual([
      true,
      false,
    ]);
    expect(a.mayRequestBypass(nodes.b.name)).toBe(false);
    a.unlock();
    expect(b.mayRequestBypass(nodes.b.name)).toBe(false);
  });

  it("wakes the far side when it waits, once (FlushOtherSideIfWaiting)", () => {
    const nodes = new TwoNodes();
    const { a, b } = makePair(nodes);
    expect([a.flushOtherSideIfWaiting(), b.flushOtherSideIfWaiting()]).toEqual([false, false]);
    b.markStable();
    expect(b.tryLockForClosure()).toBe(false);
    expect(statusOf(a), "exactly B's waiting bit").toBe(0x02 | 0x08);
    expect(a.flushOtherSideIfWaiting(), "A is not stable yet").toBe(false);
    a.markStable();
    expect(a.flushOtherSideIfWaiting()).toBe(true);
    expect(statusOf(a)).toBe(0x03);
    expect(a.flushOtherSideIfWaiting()).toBe(false);
    if (kind === "remote") expect(nodes.net.underWay(nodes.a, nodes.b)).toEqual([FlushRouter.id]);
  });

  it("leaves no waiting bit at a loser against a lock", () => {
    const { a, b } = makePair(new TwoNodes());
    a.markStable();
    b.markStable();
    expect([a.tryLockForClosure(), b.tryLockForClosure()]).toEqual([true, false]);
    expect(statusOf(a)).toBe(0x13);
  });

  it("brings parcels, closure and loss to the router at the far end", () => {
    const { a, b, routerB, routerA, deliver } = makePair(new TwoNodes());
    routerB.outward.install(b);
    a.sendParcel(parcelOf("0", 0));
    deliver();
    expect(routerB.localParcels).toBe(1);
    a.sendRouteClosed(1);
    deliver();
    expect([routerB.isPeerClosed, routerB.isDead]).toEqual([true, false]);
    b.sendRouteDisconnected();
    deliver();
    expect(routerA.cut).toBe(true);
  });

  it("lets go of its router when it is deactivated; what is sent to it then goes nowhere", () => {
    const nodes = new TwoNodes();
    const { a, b, routerB, deliver } = makePair(nodes);
    routerB.release();
    const [peer, attached] = nodes.a.pair();
    b.deactivate();
    b.deactivate();
    deliver();
    a.sendParcel(parcelOf("0", 0, [attached]));
    a.sendRouteClosed(1);
    deliver();
    expect([routerB.localParcels, routerB.isPeerClosed]).toEqual([0, false]);
    expect(peer.isPeerClosed).toBe(true);
    const census = kind === "local" ? nodes.a.census : nodes.b.census;
    expect(census.routers.has(routerB)).toBe(false);
  });
});

describe("a remote link", () => {
  it("shares one lock word with its other end (NewLinkWithAddressableState)", () => {
    const nodes = new TwoNodes();
    const linkA = nodes.a.linkTo(nodes.b);
    const linkB = nodes.b.linkTo(nodes.a);
    const state = linkA.memory.tryAllocateLinkState()!;
    const descriptor = state.share();
    const sublink = linkA.newSublinks(1);
    const a = linkA.bind(sublink, "central", SIDE_A, state, new Router(nodes.a.world))!;
    const adopted = linkB.memory.adoptLinkState(descriptor);
    const b = linkB.bind(sublink, "central", SIDE_B, adopted, new Router(nodes.b.world))!;
    a.markStable();
    b.markStable();
    expect([a.tryLockForClosure(), b.tryLockForClosure()]).toEqual([true, false]);
    a.unlock();
    expect([b.tryLockForClosure(), a.tryLockForClosure()]).toEqual([true, false]);
    const before = blocksInUse(linkA.memory);
    a.deactivate();
    expect(blocksInUse(linkA.memory)).toEqual(before);
    b.deactivate();
    expect(blocksInUse(linkA.memory)).toEqual([]);
  });

  it("whose state is not known yet cannot be locked, and can be when it is (NewLinkWithPendingState)", () => {
    const nodes = new TwoNodes({
      choose: () => ({ memV2: false, freeBlocks: 0 }),
      source: () => "now",
    });
    const linkA = nodes.a.linkTo(nodes.b);
    const linkB = nodes.b.linkTo(nodes.a);
    expect(linkA.memory.tryAllocateLinkState()).toBeNull();
    expect(nodes.net.underWay(nodes.a, nodes.b)).toEqual([AddBlockBuffer.id]);
    const state = linkA.memory.tryAllocateLinkState()!;
    const sublink = linkA.newSublinks(1);
    const [routerA, routerB] = [new Router(nodes.a.world), new Router(nodes.b.world)];
    const adopted = linkB.memory.adoptLinkState(state.share());
    const a = linkA.bind(sublink, "central", SIDE_A, state, routerA)!;
    const b = linkB.bind(sublink, "central", SIDE_B, adopted, routerB)!;
    routerB.outward.install(b);
    a.markStable();
    b.markStable();
    expect([a.tryLockForClosure(), b.tryLockForClosure()]).toEqual([false, false]);
    expect(b.mayRequestBypass(nodes.a.name)).toBe(false);
    expect(statusOf(a), "B's mark is remembered, A waits").toBe(0x01 | 0x04);
    nodes.net.deliver(nodes.a, nodes.b);
    expect(statusOf(b), "marked, and A woken").toBe(0x03);
    expect(nodes.net.underWay(nodes.b, nodes.a)).toEqual([FlushRouter.id]);
    expect([a.tryLockForClosure(), b.tryLockForClosure()]).toEqual([true, false]);
  });

  it("whose state comes before its router is stable is marked when that is", () => {
    const nodes = new TwoNodes({
      choose: () => ({ memV2: false, freeBlocks: 0 }),
      source: () => "now",
    });
    const linkA = nodes.a.linkTo(nodes.b);
    const linkB = nodes.b.linkTo(nodes.a);
    linkA.memory.tryAllocateLinkState();
    const state = linkA.memory.tryAllocateLinkState()!;
    const router = new Router(nodes.b.world);
    const adopted = linkB.memory.adoptLinkState(state.share());
    const b = linkB.bind(linkA.newSublinks(1), "central", SIDE_B, adopted, router)!;
    nodes.net.run();
    expect(statusOf(b)).toBe(0);
    b.markStable();
    expect(statusOf(b)).toBe(0x02);
  });

  it("whose state turns out to lie past its buffer stays as it is", () => {
    const nodes = new TwoNodes({
      choose: () => ({ memV2: false, freeBlocks: 0 }),
      source: () => "now",
    });
    const linkB = nodes.b.linkTo(nodes.a);
    nodes.a.linkTo(nodes.b).memory.tryAllocateLinkState();
    const adopted = linkB.memory.adoptLinkState({
      bufferId: 1 as never,
      offset: 2 ** 20,
      size: 64,
    });
    const router = new Router(nodes.b.world);
    const b = linkB.bind(linkB.newSublinks(1), "central", SIDE_B, adopted, router)!;
    nodes.net.run();
    b.markStable();
    expect(b.tryLockForClosure()).toBe(false);
    b.deactivate();
    expect(nodes.net.queue.refusals).toEqual([]);
  });
});
