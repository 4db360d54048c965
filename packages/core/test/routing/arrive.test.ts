/**
 * Descriptors of portals that arrive, row by row (spec: routing 3.5, 0.1 D3 and D4; wire 8.7).
 */
import { describe, expect, it } from "vitest";
import { Limits } from "../../src/base/limits.ts";
import type { Router } from "../../src/routing/router.ts";
import { NULL_FRAGMENT, type RouterDescriptor } from "../../src/wire/descriptors.ts";
import { type BufferId, PRIMARY_BUFFER, SIDE_B, type SublinkId } from "../../src/wire/ids.ts";
import { AcceptBypassLink } from "../../src/wire/messages/route.ts";
import { plainDescriptor } from "../wire/plain-descriptor.ts";
import { Bench, parcelOf } from "./bench.ts";

const CARRIER = 100 as SublinkId;
const NEW = 200 as SublinkId;
const DECAYING = 201 as SublinkId;
const STATE = { bufferId: PRIMARY_BUFFER, offset: 1088, size: 64 };

const PROXIED: RouterDescriptor = plainDescriptor(NEW);

const SPLIT: RouterDescriptor = {
  ...PROXIED,
  newLinkStateFragment: STATE,
  newDecayingSublink: DECAYING,
  proxyAlreadyBypassed: true,
};

function arrive(bench: Bench, descriptor: RouterDescriptor): Router | null {
  return bench.handle(() =>
    bench.node.arrivals.arrive(bench.node.linkTo(bench.p), descriptor, CARRIER),
  );
}

describe("a portal that arrives", () => {
  it("behind a proxy has a peripheral link, and goes on counting where it was", () => {
    const bench = new Bench();
    const router = arrive(bench, {
      ...PROXIED,
      nextOutgoingSequenceNumber: 3,
      nextIncomingSequenceNumber: 5,
    });
    const link = router?.outward.primary;
    expect([link?.type, link?.side]).toEqual(["outward", SIDE_B]);
    expect([router?.outbound.next, router?.inbound.next]).toEqual([3, 5]);
    expect(router?.outward.isStable).toBe(true);
  });

  it("of a split pair has a central link, and one that decays until the rest has come", () => {
    const bench = new Bench();
    const router = arrive(bench, {
      ...SPLIT,
      nextOutgoingSequenceNumber: 3,
      nextIncomingSequenceNumber: 5,
      decayingIncomingSequenceLength: 6,
    });
    expect(router?.outward.primary?.type).toBe("central");
    expect(router?.outward.decaying).toMatchObject({ to: 3, from: 6 });
    expect(router?.outward.decaying?.link?.type).toBe("outward");
    bench.handle(() => router?.acceptParcel("outward", parcelOf("5", 5)));
    expect(router?.outward.isStable).toBe(true);
    expect(bench.node.linkTo(bench.p).linkAt(DECAYING)).toBeNull();
  });

  it("of a split pair that has sent nothing is stable at once", () => {
    const bench = new Bench();
    expect(arrive(bench, SPLIT)?.outward.isStable).toBe(true);
    expect(bench.node.linkTo(bench.p).sublinkCount).toBe(1);
  });

  it.each<[string, RouterDescriptor]>([
    ["the carrier's sublink as its own", { ...PROXIED, newSublink: CARRIER }],
    ["the carrier's sublink as its own, split", { ...SPLIT, newSublink: CARRIER }],
    ["the carrier's sublink to decay", { ...SPLIT, newDecayingSublink: CARRIER }],
    ["one sublink for both links", { ...SPLIT, newDecayingSublink: NEW }],
    ["a link state that it must not have", { ...PROXIED, newLinkStateFragment: STATE }],
    ["no link state", { ...SPLIT, newLinkStateFragment: NULL_FRAGMENT }],
    ["a small link state", { ...SPLIT, newLinkStateFragment: { ...STATE, size: 63 } }],
    ["a misaligned link state", { ...SPLIT, newLinkStateFragment: { ...STATE, offset: 1084 } }],
    [
      "a link state past its buffer",
      { ...SPLIT, newLinkStateFragment: { ...STATE, offset: 131_064 } },
    ],
    [
      "an end before what was read",
      { ...PROXIED, peerClosed: true, closedPeerSequenceLength: 3, nextIncomingSequenceNumber: 5 },
    ],
    [
      "an end too far ahead",
      { ...PROXIED, peerClosed: true, closedPeerSequenceLength: Limits.sequenceGapMax + 1 },
    ],
    ["numbers at the end of what can be counted (out)", farOut("nextOutgoingSequenceNumber")],
    ["numbers at the end of what can be counted (in)", farOut("nextIncomingSequenceNumber")],
  ])("is refused with %s", (_what, descriptor) => {
    const bench = new Bench();
    const before = bench.node.census.routers.size;
    expect(arrive(bench, descriptor)).toBeNull();
    for (const router of [...bench.node.census.routers].slice(before))
      expect((router as Router).closed).toBe(true);
  });

  it("can put and close after any number that is accepted", () => {
    const bench = new Bench();
    const router = arrive(bench, farOut("nextOutgoingSequenceNumber", -1));
    if (!router) throw new Error("refused");
    bench.node.putText(router, "one");
    bench.node.putText(router, "two");
    bench.node.close(router);
    expect(bench.sentTo(bench.p)).toHaveLength(2);
    expect(router.outbound.end).toBe(Limits.wireIntegerMax / 2 + 1.5);
  });

  it("may have a link state in a buffer that is not known yet", () => {
    const bench = new Bench();
    const state = { ...STATE, bufferId: 9 as BufferId };
    expect(arrive(bench, { ...SPLIT, newLinkStateFragment: state })).not.toBeNull();
  });

  it("of a split pair is refused when one of its sublinks is taken", () => {
    for (const taken of [NEW, DECAYING]) {
      const bench = new Bench();
      const link = bench.node.linkTo(bench.p);
      link.bind(taken, "inward", SIDE_B, null, bench.router());
      expect(arrive(bench, SPLIT)).toBeNull();
    }
  });

  it.each([[false], [true]])(
    "behind a proxy is lost, but valid, when its sublink is taken (peer closed: %s)",
    (peerClosed) => {
      const bench = new Bench();
      const link = bench.node.linkTo(bench.p);
      link.bind(NEW, "inward", SIDE_B, null, bench.router());
      const router = arrive(bench, { ...PROXIED, peerClosed, closedPeerSequenceLength: 2 });
      expect([router?.cut, router?.isDead]).toEqual([true, true]);
    },
  );

  it("whose peer is closed is dead when nothing more comes, else when it was read", () => {
    const bench = new Bench();
    const done = arrive(bench, {
      ...PROXIED,
      peerClosed: true,
      closedPeerSequenceLength: 5,
      nextIncomingSequenceNumber: 5,
    });
    expect([done?.isPeerClosed, done?.isDead]).toEqual([true, true]);
    const more = arrive(bench, {
      ...PROXIED,
      newSublink: 210 as SublinkId,
      peerClosed: true,
      closedPeerSequenceLength: 1,
    });
    expect(more?.statusFlags).toBe(0);
    bench.handle(() => more?.acceptParcel("outward", parcelOf("0", 0)));
    expect([more?.isPeerClosed, more?.isDead]).toEqual([true, false]);
    expect(more && bench.node.getAll(more)).toEqual(["0"]);
    expect(more?.isDead).toBe(true);
  });

  it("with a bypass in its descriptor asks for it at once", () => {
    const bench = new Bench();
    const router = arrive(bench, {
      ...PROXIED,
      proxyPeerNodeName: bench.q.name,
      proxyPeerSublink: 4 as SublinkId,
    });
    expect(bench.sentTo(bench.q)).toEqual([AcceptBypassLink.id]);
    expect(router?.outward.primary?.type).toBe("central");
    expect(router?.outward.decaying?.link?.type).toBe("outward");
  });

  it("gets the parcels that came before it, on either of its links", () => {
    const bench = new Bench();
    const back = bench.p.linkTo(bench.node);
    back.sendPlainParcel(DECAYING, parcelOf("0", 0));
    back.sendPlainParcel(NEW, parcelOf("1", 1));
    bench.net.run();
    const router = arrive(bench, { ...SPLIT, decayingIncomingSequenceLength: 1 });
    expect(router && bench.node.getAll(router)).toEqual(["0", "1"]);
  });
});

/** As many parcels as no portal can have sent, or `less` of them. */
function farOut(
  field: "nextOutgoingSequenceNumber" | "nextIncomingSequenceNumber",
  less = 0,
): RouterDescriptor {
  return { ...PROXIED, [field]: Math.ceil(Limits.wireIntegerMax / 2) + less };
}
