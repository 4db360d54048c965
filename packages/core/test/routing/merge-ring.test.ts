/**
 * Both ends of one route are merged: what is left is a ring of routers that nobody holds.
 */
import { expect, it } from "vitest";
import { mergeRoutes } from "../../src/routing/merge.ts";
import type { Router } from "../../src/routing/router.ts";
import type { NetNode } from "../links/net-node.ts";
import { ThreeNodes } from "./three-nodes.ts";

function merge(node: NetNode, a: Router, b: Router): void {
  node.call(() => {
    mergeRoutes(a, b);
    a.release();
    b.release();
  });
}

it("a route merged with itself leaves no routers behind", () => {
  const { net, x, y, px, bx, py, by } = new ThreeNodes();
  merge(x, px, bx);
  merge(y, py, by);
  net.run();
  expect([x.census.routers.size, y.census.routers.size]).toEqual([0, 1]);
});
