/** Decay, link states and introductions: of the 25 cases that implementers get wrong (spec: routing 11.1), each as its row says. */
import { describe, expect, it } from "vitest";
import { PRIMARY_BUFFER, type SublinkId } from "../../src/wire/ids.ts";
import { AddBlockBuffer } from "../../src/wire/messages/memory.ts";
import {
  AcceptBypassLink,
  FlushRouter,
  ProxyWillStop,
  StopProxying,
} from "../../src/wire/messages/route.ts";
import type { NetNode, SourceConduct } from "../links/net-node.ts";
import { statusOf } from "./bench.ts";
import { expectConnected, expectDirect, ThreeNodes } from "./three-nodes.ts";

const BOTH_STABLE = 0x03;

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
