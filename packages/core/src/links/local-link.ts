/**
 * Two routers of one node, joined by a direct call.
 *
 * Both endpoints share one record: who is at each end, and the lock word of a central link (in private memory).
 */
import { assert } from "../base/assert.ts";
import type { SequenceLength } from "../base/sequence.ts";
import { LinkState } from "../memory/link-state.ts";
import type { Parcel } from "../parcels/parcel.ts";
import { type LinkSide, type NodeName, opposite, SIDE_A, SIDE_B } from "../wire/ids.ts";
import type { LinkedRouter, LocalRouterLink } from "./contract.ts";
import type { LinkType } from "./link-type.ts";

interface Joint {
  readonly ends: [LinkedRouter | null, LinkedRouter | null];
  /** Null for a bridge. */
  readonly state: LinkState | null;
}

export class LocalLink implements LocalRouterLink {
  readonly kind = "local";
  readonly type: LinkType;
  readonly side: LinkSide;
  private readonly joint: Joint;

  private constructor(type: LinkType, side: LinkSide, joint: Joint) {
    this.type = type;
    this.side = side;
    this.joint = joint;
  }

  /** A central link between `a` and `b`; `stable` for a pair that never had another link (spec: routing 4.1). */
  static central(a: LinkedRouter, b: LinkedRouter, stable: boolean): [LocalLink, LocalLink] {
    return LocalLink.join("central", a, b, LinkState.inPrivateMemory(stable ? 3 : 0));
  }

  /** The bridge between two merged routers. */
  static bridge(a: LinkedRouter, b: LinkedRouter): [LocalLink, LocalLink] {
    return LocalLink.join("bridge", a, b, null);
  }

  private static join(
    type: LinkType,
    a: LinkedRouter,
    b: LinkedRouter,
    state: LinkState | null,
  ): [LocalLink, LocalLink] {
    const joint: Joint = { ends: [a, b], state };
    a.retain();
    b.retain();
    return [new LocalLink(type, SIDE_A, joint), new LocalLink(type, SIDE_B, joint)];
  }

  get peer(): LinkedRouter | null {
    return this.joint.ends[opposite(this.side)];
  }

  /** The lock word of a central link; null for a bridge. */
  get state(): LinkState | null {
    return this.joint.state;
  }

  sendParcel(parcel: Parcel): void {
    const peer = this.peer;
    if (peer) peer.acceptParcel(this.type, parcel);
    else parcel.close();
  }

  sendRouteClosed(length: SequenceLength): void {
    this.peer?.acceptRouteClosed(this.type, length);
  }

  sendRouteDisconnected(): void {
    this.peer?.acceptDisconnected(this.type);
  }

  markStable(): void {
    this.joint.state?.markStable(this.side);
  }

  tryLockForBypass(requester: NodeName): boolean {
    if (!this.tryLockForClosure()) return false;
    this.joint.state?.setAllowedSource(requester);
    return true;
  }

  tryLockForClosure(): boolean {
    const { state } = this.joint;
    if (!state?.tryLock(this.side)) return false;
    assert(!state.lockedBy(opposite(this.side)), "I8: a link is locked by one end at a time");
    return true;
  }

  get isLocked(): boolean {
    return this.joint.state?.lockedBy(this.side) === true;
  }

  unlock(): void {
    this.joint.state?.unlock(this.side);
  }

  flushOtherSideIfWaiting(): boolean {
    if (!this.joint.state?.takeWaiting(opposite(this.side))) return false;
    this.flushOtherSide();
    return true;
  }

  flushOtherSide(): void {
    this.peer?.settle(true);
  }

  deactivate(): void {
    const router = this.joint.ends[this.side];
    if (!router) return;
    this.joint.ends[this.side] = null;
    router.release();
  }

  dissolve(): void {
    this.deactivate();
    const far = this.peer;
    this.joint.ends[opposite(this.side)] = null;
    far?.release();
  }
}
