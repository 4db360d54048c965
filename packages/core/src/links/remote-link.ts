/**
 * One sublink of a connection, as the router bound to it sees it.
 *
 * A central link has a lock word in shared memory. It may lie in a buffer that has not been announced yet: until then
 * nothing can be locked, and a stable mark is remembered (spec: routing 4.6).
 */
import { assert } from "../base/assert.ts";
import type { SequenceLength, SequenceNumber } from "../base/sequence.ts";
import type { LinkState } from "../memory/link-state.ts";
import type { LinkStateHold } from "../memory/link-state-hold.ts";
import type { Parcel } from "../parcels/parcel.ts";
import { type LinkSide, type NodeName, opposite, type SublinkId } from "../wire/ids.ts";
import { BypassPeer, BypassPeerWithLink } from "../wire/messages/route.ts";
import { FlushRouter, ProxyWillStop, RouteClosed } from "../wire/messages/route.ts";
import {
  RouteDisconnected,
  StopProxying,
  StopProxyingToLocalPeer,
} from "../wire/messages/route.ts";
import type { LinkedRouter, NodePeer, RemoteRouterLink } from "./contract.ts";
import type { LinkType } from "./link-type.ts";
import { sendParcel } from "./send-parcel.ts";

export class RemoteLink implements RemoteRouterLink {
  readonly kind = "remote";
  readonly node: NodePeer;
  readonly sublink: SublinkId;
  readonly type: LinkType;
  readonly side: LinkSide;
  readonly router: LinkedRouter;
  private hold: LinkStateHold | null;
  private stableWanted = false;
  private locked = false;
  private bound = true;

  /** Takes `state`; retains `router` until deactivate. */
  constructor(
    node: NodePeer,
    sublink: SublinkId,
    type: LinkType,
    side: LinkSide,
    state: LinkStateHold | null,
    router: LinkedRouter,
  ) {
    assert(
      (type === "central") === (state !== null),
      "I6: central links have a link state, others none",
    );
    this.node = node;
    this.sublink = sublink;
    this.type = type;
    this.side = side;
    this.hold = state;
    this.router = router;
    router.retain();
    if (state && !state.state) state.whenResolved((resolved) => this.onStateResolved(resolved));
  }

  get isBound(): boolean {
    return this.bound;
  }

  /** This end's reference to the lock word of a central link; null once deactivated. */
  get state(): LinkStateHold | null {
    return this.hold;
  }

  sendParcel(parcel: Parcel): void {
    if (sendParcel(this.node, this.sublink, parcel)) return;
    // What was attached could not be made into bytes; a gap would stall the far end for ever (spec: routing 3.1).
    this.node.turn.defer(() => this.router.acceptDisconnected(this.type));
  }

  sendBytes(sequenceNumber: SequenceNumber, data: Uint8Array, numBytes: number): void {
    this.node.sendBytes(this.sublink, sequenceNumber, data, numBytes);
  }

  sendRouteClosed(length: SequenceLength): void {
    this.node.send(RouteClosed, { sublink: this.sublink, sequenceLength: length });
  }

  sendRouteDisconnected(): void {
    this.node.send(RouteDisconnected, { sublink: this.sublink });
  }

  markStable(): void {
    const state = this.hold?.state;
    if (state) state.markStable(this.side);
    else this.stableWanted = true;
  }

  tryLockForBypass(requester: NodeName): boolean {
    if (!this.tryLockForClosure()) return false;
    this.hold?.state?.setAllowedSource(requester);
    return true;
  }

  tryLockForClosure(): boolean {
    if (!this.hold?.state?.tryLock(this.side)) return false;
    this.locked = true;
    return true;
  }

  get isLocked(): boolean {
    return this.locked;
  }

  unlock(): void {
    this.locked = false;
    this.hold?.state?.unlock(this.side);
  }

  mayRequestBypass(name: NodeName): boolean {
    const state = this.hold?.state;
    return state ? state.lockedBy(opposite(this.side)) && state.allowedSource() === name : false;
  }

  flushOtherSideIfWaiting(): boolean {
    if (!this.hold?.state?.takeWaiting(opposite(this.side))) return false;
    this.flushOtherSide();
    return true;
  }

  flushOtherSide(): void {
    this.node.send(FlushRouter, { sublink: this.sublink });
  }

  sendBypassPeer(targetNode: NodeName, targetSublink: SublinkId): void {
    this.node.send(BypassPeer, {
      sublink: this.sublink,
      bypassTargetNode: targetNode,
      bypassTargetSublink: targetSublink,
    });
  }

  sendBypassPeerWithLink(
    newSublink: SublinkId,
    state: LinkStateHold,
    inboundLength: SequenceLength,
  ): void {
    this.node.send(BypassPeerWithLink, {
      sublink: this.sublink,
      newSublink,
      newLinkStateFragment: state.share(),
      inboundSequenceLength: inboundLength,
    });
  }

  sendStopProxying(inboundLength: SequenceLength, outboundLength: SequenceLength): void {
    this.node.send(StopProxying, {
      sublink: this.sublink,
      inboundSequenceLength: inboundLength,
      outboundSequenceLength: outboundLength,
    });
  }

  sendStopProxyingToLocalPeer(outboundLength: SequenceLength): void {
    this.node.send(StopProxyingToLocalPeer, {
      sublink: this.sublink,
      outboundSequenceLength: outboundLength,
    });
  }

  sendProxyWillStop(inboundLength: SequenceLength): void {
    this.node.send(ProxyWillStop, {
      sublink: this.sublink,
      inboundSequenceLength: inboundLength,
    });
  }

  deactivate(): void {
    if (!this.bound) return;
    this.bound = false;
    this.node.unbind(this.sublink);
    this.hold?.release();
    this.hold = null;
    this.router.release();
  }

  private onStateResolved(state: LinkState): void {
    if (this.stableWanted) state.markStable(this.side);
    this.router.settle(true);
  }
}
