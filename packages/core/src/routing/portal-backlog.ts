/**
 * Back-pressure at a portal: how much of what it was given has not left this process, and who waits until less has.
 *
 * Two queues count: the router's own, which fills while the route has no link yet, and that of the connection, which
 * the portal shares with all others whose parcels go that way.
 */
import type { NodePeer } from "../links/contract.ts";
import type { RouterState } from "./router-state.ts";

interface Watch {
  readonly numBytes: number;
  readonly handler: () => void;
  /** The connection that will tell; null: the router's own changes do. */
  node: NodePeer | null;
}

/** Bytes that wait before the next parcel of this portal. */
export function backlogOf(router: RouterState): number {
  return router.outbound.bytes + (outgoingNode(router)?.backlogBytes ?? 0);
}

/** The watches of one portal. */
export class BacklogWatches {
  private readonly router: RouterState;
  private watches: Watch[] = [];

  constructor(router: RouterState) {
    this.router = router;
  }

  /** Calls `handler` once, at the end of a turn: at most `numBytes` bytes wait, or nothing can be put any more. */
  add(numBytes: number, handler: () => void): void {
    this.watches.push({ numBytes, handler, node: null });
    this.check();
  }

  /** After every change of the router, and when a connection has said that its backlog shrank. */
  check(): void {
    if (this.watches.length === 0) return;
    const { router } = this;
    const backlog = isWritable(router) ? backlogOf(router) : 0;
    const due = this.watches.filter(({ numBytes }) => backlog <= numBytes);
    if (due.length > 0) this.watches = this.watches.filter(({ numBytes }) => backlog > numBytes);
    for (const { handler } of due) router.world.turn.defer(handler);
    const node = outgoingNode(router);
    if (node) for (const watch of this.watches) this.watchNode(watch, node);
  }

  private watchNode(watch: Watch, node: NodePeer): void {
    if (watch.node === node) return;
    const numBytes = Math.max(watch.numBytes - this.router.outbound.bytes, 0);
    const kept = node.watchBacklog(numBytes, () => {
      if (watch.node === node) watch.node = null;
      this.check();
    });
    watch.node = kept ? node : null;
  }
}

/** Whether parcels can be put at this portal, and may still reach somebody. */
export function isWritable(router: RouterState): boolean {
  return router.isTerminal && !router.closed && !router.peerGone;
}

function outgoingNode({ outward }: RouterState): NodePeer | null {
  const link = outward.primary ?? outward.decaying?.link ?? null;
  return link?.kind === "remote" ? link.node : null;
}
