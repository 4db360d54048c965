import { describe, expect, it } from "vitest";
import { LocalLink } from "../../src/links/local-link.ts";
import { RouteEdge } from "../../src/routing/route-edge.ts";
import { Router } from "../../src/routing/router.ts";
import { RouterWorld } from "../../src/routing/router-state.ts";
import { Turn } from "../../src/base/turn.ts";

function link(): LocalLink {
  const world = new RouterWorld(new Turn());
  return LocalLink.central(new Router(world), new Router(world), true)[0];
}

describe("a route edge", () => {
  it("is stable when empty or with a primary link only (Stability)", () => {
    const edge = new RouteEdge();
    expect(edge.isStable).toBe(true);
    edge.install(link());
    expect(edge.isStable).toBe(true);
    expect(edge.beginDecay(0, 0)).toBe(true);
    expect(edge.isStable).toBe(false);
    expect(edge.beginDecay(1, 1)).toBe(false);
    edge.install(link());
    expect(edge.isStable).toBe(false);
    expect(edge.finishDecay(0, 0)).not.toBeNull();
    expect(edge.isStable).toBe(true);
  });

  it("sends below the limit on the decaying link, the rest on the primary (LinkSelection)", () => {
    const edge = new RouteEdge();
    const old = link();
    const fresh = link();
    edge.install(old);
    edge.beginDecay(null, null);
    edge.install(fresh);
    expect(edge.linkFor(0)).toBe(old);
    expect(edge.linkFor(1_000_000)).toBe(old);
    if (edge.decaying) edge.decaying.to = 5;
    expect(edge.linkFor(4)).toBe(old);
    expect(edge.linkFor(5)).toBe(fresh);
  });

  it("finishes only when both limits are known and both reached (FinishDecay)", () => {
    const edge = new RouteEdge();
    const old = link();
    edge.install(old);
    edge.beginDecay(null, null);
    const record = edge.decaying;
    expect(edge.finishDecay(9, 9)).toBeNull();
    if (record) record.to = 3;
    expect(edge.finishDecay(9, 9)).toBeNull();
    if (record) record.from = 4;
    expect(edge.finishDecay(2, 4)).toBeNull();
    expect(edge.finishDecay(3, 3)).toBeNull();
    expect(edge.finishDecay(3, 4)).toBe(old);
  });

  it("holds parcels back while decay is deferred, then makes the next link the decaying one (I4)", () => {
    const edge = new RouteEdge();
    edge.beginDecay(2, 0);
    expect(edge.linkFor(0)).toBeNull();
    expect(edge.finishDecay(2, 0)).toBeNull();
    const old = link();
    edge.install(old);
    expect(edge.primary).toBeNull();
    expect(edge.linkFor(1)).toBe(old);
    expect(edge.linkFor(2)).toBeNull();
    expect(edge.finishDecay(2, 0)).toBe(old);
  });

  it("refuses a second primary link (I3)", () => {
    const edge = new RouteEdge();
    edge.install(link());
    expect(() => edge.install(link())).toThrow("I3");
  });
});
