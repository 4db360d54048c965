/**
 * The smallest network in which routes have to be shortened: X and Y with a route, Y and Z with another to send
 * portals over.
 *
 *     X (px) ======= (py) Y (cy) ======= (cz) Z
 */
import { expect } from "vitest";
import type { Router } from "../../src/routing/router.ts";
import { NO_NODE } from "../../src/wire/ids.ts";
import type { NetNode } from "../links/net-node.ts";
import { Network, type NetworkOptions } from "../links/network.ts";

export class ThreeNodes {
  readonly net: Network;
  readonly x: NetNode;
  readonly y: NetNode;
  readonly z: NetNode;
  readonly px: Router;
  readonly py: Router;
  /** Routes to send portals over: from Y to Z, and from Y to X. */
  readonly cy: Router;
  readonly cz: Router;
  readonly by: Router;
  readonly bx: Router;

  constructor(options: NetworkOptions = {}) {
    this.net = new Network(options);
    this.x = this.net.node("x");
    this.y = this.net.node("y");
    this.z = this.net.node("z");
    this.net.connect(this.x, this.y);
    this.net.connect(this.y, this.z);
    const [first, second] = this.net.initialPortals(this.x, this.y, 2);
    const [third] = this.net.initialPortals(this.y, this.z, 1);
    if (!first || !second || !third) throw new Error("no portals");
    [this.px, this.py] = first;
    [this.bx, this.by] = second;
    [this.cy, this.cz] = third;
    this.net.run();
  }

  /** Y sends `portal` to Z; nothing is delivered yet. */
  readonly send = (portal: Router = this.py): void => {
    this.y.putText(this.cy, "", [portal]);
  };

  /** The portal that has come to Z. */
  readonly arrived = (): Router => {
    return this.z.getPortal(this.cz);
  };

  /** While X holds the lock of the route's link, a portal that leaves Y leaves a plain proxy. */
  readonly sendAsProxy = (portal: Router = this.py): Router => {
    const link = this.px.outward.primary;
    if (!link?.tryLockForBypass(NO_NODE)) throw new Error("not locked");
    this.send(portal);
    this.net.run();
    link.unlock();
    return this.arrived();
  };

  /** Wakes Y's proxy, as a FlushRouter of X's would. */
  readonly wakeY = (): void => {
    const link = this.px.outward.primary;
    this.x.event(() => link?.flushOtherSide());
  };

  /** No message was refused, and nothing but the portals' own routers is left. */
  readonly expectClean = (...routers: readonly number[]): void => {
    expect(this.net.queue.refusals).toEqual([]);
    expect(this.net.nodes.map(({ census }) => census.routers.size)).toEqual(routers);
  };
}

/** Two portals are one central link apart, and nothing decays. */
export function expectDirect(a: Router, b: Router): void {
  for (const [one, other] of [
    [a, b],
    [b, a],
  ] as const) {
    const link = one.outward.primary;
    expect(one.isTerminal && one.outward.isStable && link?.type).toBe("central");
    if (link?.kind === "local") expect(one.localPeer === other).toBe(true);
    else {
      const far = other.outward.primary;
      expect(far?.kind === "remote" && far.sublink).toBe(link?.sublink);
    }
  }
}

/** Both get what the other one puts. */
export function expectConnected(nodeA: NetNode, a: Router, nodeB: NetNode, b: Router): void {
  nodeA.putText(a, "from a");
  nodeB.putText(b, "from b");
  nodeA.net.run();
  expect(nodeB.getAll(b)).toEqual(["from a"]);
  expect(nodeA.getAll(a)).toEqual(["from b"]);
}
