/**
 * The sublink table of one connection, the ids that were removed lately, and parcels that came too early.
 *
 * A parcel for an unknown sublink is kept until that sublink is bound, unless the id was removed recently: then it is
 * late, not early (spec: wire 9, row 10; routing 10.6).
 */
import { Limits } from "../base/limits.ts";
import { assert } from "../base/assert.ts";
import { Deque } from "../base/deque.ts";
import type { SublinkId } from "../wire/ids.ts";
import type { RemoteRouterLink } from "./contract.ts";
import { RemovedSublinks } from "./removed-sublinks.ts";

/** A part of a parcel that waits for its sublink. */
export interface EarlyParcel {
  readonly size: number;
  close(): void;
}

export class Sublinks<E extends EarlyParcel> {
  private readonly bound = new Map<SublinkId, RemoteRouterLink>();
  /** The link asked for last: most messages go where the one before went. */
  private last: RemoteRouterLink | null = null;
  private readonly removed: RemovedSublinks;
  private readonly early = new Map<SublinkId, Deque<E>>();
  private earlyCount = 0;
  private earlyBytes = 0;

  /** `clock` gives milliseconds; only differences are used. */
  constructor(clock: () => number) {
    this.removed = new RemovedSublinks(clock);
  }

  get count(): number {
    return this.bound.size;
  }

  /** What is bound now. */
  get links(): readonly RemoteRouterLink[] {
    return [...this.bound.values()];
  }

  at(sublink: SublinkId): RemoteRouterLink | null {
    const { last } = this;
    return last !== null && last.sublink === sublink ? last : this.find(sublink);
  }

  private find(sublink: SublinkId): RemoteRouterLink | null {
    this.last = this.bound.get(sublink) ?? null;
    return this.last;
  }

  /** The id is in use, or the table is full. */
  isTaken(sublink: SublinkId): boolean {
    return this.bound.has(sublink) || this.bound.size >= Limits.sublinksMax;
  }

  /** Only for an id that is not taken. */
  add(sublink: SublinkId, link: RemoteRouterLink): void {
    assert(!this.isTaken(sublink), "a sublink is bound once");
    this.bound.set(sublink, link);
  }

  remove(sublink: SublinkId): void {
    this.last = null;
    if (this.bound.delete(sublink)) this.removed.add(sublink);
  }

  /** Remembers an id that will not be bound as removed. What was kept for it is the caller's to close. */
  abandon(sublink: SublinkId): E[] {
    const early: E[] = [];
    if (this.bound.has(sublink)) return early;
    this.removed.add(sublink);
    for (let part = this.takeEarly(sublink); part; part = this.takeEarly(sublink)) early.push(part);
    return early;
  }

  wasRemoved(sublink: SublinkId): boolean {
    return this.removed.has(sublink);
  }

  /** Keeps `parcel` until its sublink is bound. False: too many wait already. */
  keepEarly(sublink: SublinkId, parcel: E): boolean {
    if (this.earlyCount >= Limits.earlyParcelsMax) return false;
    if (this.earlyBytes + parcel.size > Limits.earlyParcelBytesMax) return false;
    let waiting = this.early.get(sublink);
    if (!waiting) this.early.set(sublink, (waiting = new Deque()));
    waiting.push(parcel);
    this.earlyCount++;
    this.earlyBytes += parcel.size;
    return true;
  }

  /** The next parcel kept for `sublink`, in order of arrival; the caller owns it. */
  takeEarly(sublink: SublinkId): E | undefined {
    const waiting = this.early.get(sublink);
    const parcel = waiting?.shift();
    if (!waiting || !parcel) return undefined;
    if (waiting.length === 0) this.early.delete(sublink);
    this.earlyCount--;
    this.earlyBytes -= parcel.size;
    return parcel;
  }

  /** Empties the table and returns what was bound; early parcels are closed, removed ids forgotten. */
  detachAll(): readonly RemoteRouterLink[] {
    const { links } = this;
    this.bound.clear();
    this.last = null;
    this.removed.clear();
    const early = [...this.early.values()];
    this.early.clear();
    this.earlyCount = 0;
    this.earlyBytes = 0;
    for (const waiting of early)
      for (let parcel = waiting.shift(); parcel; parcel = waiting.shift()) parcel.close();
    return links;
  }
}
