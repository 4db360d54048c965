/**
 * The portals of one ConnectNode while they wait for their first link (spec: wire 3.7; api 4.4).
 *
 * They work already: what is put is queued, and they may be sent away, merged or closed meanwhile. They are kept alive
 * until the handshake has an outcome.
 */
import type { NodeLink } from "../../links/node-link.ts";
import { installOutwardLink } from "../../routing/install.ts";
import type { HandshakeWatch, Router } from "../../routing/router.ts";
import type { SublinkId } from "../../wire/ids.ts";

export class InitialPortals implements HandshakeWatch {
  /** How many wait; what the other node is told. */
  readonly count: number;
  private waiting: readonly Router[];
  private readonly watchers: ((connected: boolean) => void)[] = [];

  constructor(portals: readonly Router[]) {
    this.count = portals.length;
    this.waiting = [...portals];
    for (const portal of this.waiting) {
      portal.retain();
      portal.handshake = this;
    }
  }

  watch(handler: (connected: boolean) => void): void {
    this.watchers.push(handler);
  }

  /** Binds portal i to sublink i. Those past `remoteCount` have no counterpart: their peer is closed. */
  bind(link: NodeLink, remoteCount: number): void {
    for (const [index, portal] of this.take(true).entries()) {
      if (index < remoteCount) bindPortal(portal, link, index);
      else portal.acceptRouteClosed("central", 0);
      portal.release();
    }
  }

  /** There will be no link: the peer of every portal is closed. */
  fail(): void {
    for (const portal of this.take(false)) {
      portal.acceptRouteClosed("central", 0);
      portal.release();
    }
  }

  private take(connected: boolean): readonly Router[] {
    const portals = this.waiting;
    this.waiting = [];
    for (const portal of portals) {
      portal.handshake = null;
      for (const handler of this.watchers.splice(0))
        portal.world.turn.defer(() => handler(connected));
    }
    return portals;
  }
}

function bindPortal(portal: Router, link: NodeLink, index: number): void {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the first sublinks are those of the initial portals
  const sublink = index as SublinkId;
  const state = link.memory.initialLinkState(index);
  const bound = link.bind(sublink, "central", link.side, state, portal);
  if (bound) installOutwardLink(portal, bound);
  else portal.acceptDisconnected("central");
}
