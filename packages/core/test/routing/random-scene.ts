/**
 * What the application knows of a random network, kept beside the routers, as ends: which end is whose peer, how many
 * parcels it put and got, where it is.
 */
import type { SeededRandom } from "@ipcz/driver-mem";
import type { Router } from "../../src/routing/router.ts";
import type { NetNode } from "../links/net-node.ts";
import type { Network } from "../links/network.ts";
import type { RandomOptions } from "./random-modes.ts";

export interface End {
  readonly id: number;
  readonly level: number;
  peer: End | null;
  node: NetNode;
  router: Router;
  /** In an application's hand, in a parcel, closed by the application, merged away. */
  state: "held" | "moving" | "closed" | "merged";
  sent: number;
  got: number;
}

export class RandomScene {
  readonly options: RandomOptions;
  readonly random: SeededRandom;
  readonly net: Network;
  readonly log: string[] = [];
  readonly ends: End[] = [];
  crashed: NetNode | null = null;

  constructor(options: RandomOptions, random: SeededRandom, net: Network) {
    this.options = options;
    this.random = random;
    this.net = net;
  }

  add(node: NetNode, router: Router, level: number): End {
    const end: End = {
      id: this.ends.length,
      level,
      peer: null,
      node,
      router,
      state: "held",
      sent: 0,
      got: 0,
    };
    this.ends.push(end);
    return end;
  }

  join(a: End, b: End): void {
    a.peer = b;
    b.peer = a;
  }

  /** One of the ends in an application's hand that `accept` takes; null: there is none. */
  held(accept: (end: End) => boolean = () => true): End | null {
    const found = this.ends.filter(
      (end) => end.state === "held" && !end.node.isCrashed && accept(end),
    );
    return found[this.random.below(Math.max(1, found.length))] ?? null;
  }

  /** Those whose process has not died. */
  aliveNodes(): NetNode[] {
    return this.net.nodes.filter((node) => !node.isCrashed);
  }

  /** Routes may be lost for another reason than closure. */
  get mayLose(): boolean {
    const { cuts, strangers } = this.options;
    return this.crashed !== null || cuts === true || strangers !== undefined;
  }
}
