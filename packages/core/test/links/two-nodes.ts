/**
 * Two connected nodes, and links between them that no router uses yet.
 */
import type { RouterLink } from "../../src/links/contract.ts";
import { LocalLink } from "../../src/links/local-link.ts";
import { Router } from "../../src/routing/router.ts";
import type { SublinkId } from "../../src/wire/ids.ts";
import type { NetNode } from "./net-node.ts";
import { Network, type NetworkOptions } from "./network.ts";

/** Both ends of a central link whose lock word is zero, and how what they send arrives. */
export interface LinkPair {
  readonly a: RouterLink;
  readonly b: RouterLink;
  readonly routerA: Router;
  readonly routerB: Router;
  readonly deliver: () => void;
}

export class TwoNodes {
  readonly net: Network;
  readonly a: NetNode;
  readonly b: NetNode;

  constructor(options: NetworkOptions = {}) {
    this.net = new Network(options);
    this.a = this.net.node("a");
    this.b = this.net.node("b");
    this.net.connect(this.a, this.b);
  }

  /** Bound at both ends to fresh routers, installed in none. */
  remotePair(index = 0): LinkPair {
    const [routerA, routerB] = [new Router(this.a.world), new Router(this.b.world)];
    const bind = (node: NetNode, other: NetNode, router: Router) => {
      const link = node.linkTo(other);
      const state = link.memory.initialLinkState(index);
      const bound = link.bind(index as SublinkId, "central", link.side, state, router);
      if (!bound) throw new Error("not bound");
      return bound;
    };
    return {
      a: bind(this.a, this.b, routerA),
      b: bind(this.b, this.a, routerB),
      routerA,
      routerB,
      deliver: () => {
        this.net.run();
      },
    };
  }

  localPair(): LinkPair {
    const [routerA, routerB] = [new Router(this.a.world), new Router(this.a.world)];
    const [a, b] = LocalLink.central(routerA, routerB, false);
    return { a, b, routerA, routerB, deliver: () => undefined };
  }
}
