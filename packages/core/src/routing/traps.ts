/**
 * The armed traps of one portal, and which of them fire on which change (spec: routing 8).
 */
import {
  type IpczContext,
  type IpczPortalStatus,
  type IpczTrapEventHandler,
  IPCZ_PORTAL_STATUS_DEAD,
  IPCZ_PORTAL_STATUS_PEER_CLOSED,
  IPCZ_PORTAL_STATUS_SIZE,
  IPCZ_TRAP_ABOVE_MIN_LOCAL_BYTES,
  IPCZ_TRAP_ABOVE_MIN_LOCAL_PARCELS,
  IPCZ_TRAP_DEAD,
  IPCZ_TRAP_NEW_LOCAL_PARCEL,
  IPCZ_TRAP_PEER_CLOSED,
  IPCZ_TRAP_REMOVED,
} from "@ipcz/api";
import type { TrapDelivery } from "./trap-delivery.ts";

export interface TrapConditions {
  readonly flags: number;
  readonly minLocalParcels: number;
  readonly minLocalBytes: number;
}

/** What conditions are evaluated against. */
export interface TrapSubject {
  readonly statusFlags: number;
  readonly localParcels: number;
  readonly localBytes: number;
}

interface Trap extends TrapConditions {
  readonly handler: IpczTrapEventHandler;
  readonly context: IpczContext;
}

export class Traps {
  private armed: Trap[] = [];
  private readonly delivery: TrapDelivery;

  constructor(delivery: TrapDelivery) {
    this.delivery = delivery;
  }

  get isEmpty(): boolean {
    return this.armed.length === 0;
  }

  /**
   * Arms a trap, unless a level condition holds already: then those are returned, and nothing is armed. The conditions
   * are copied.
   */
  arm(
    conditions: TrapConditions,
    handler: IpczTrapEventHandler,
    context: IpczContext,
    subject: TrapSubject,
  ): number {
    const satisfied = satisfiedConditions(conditions, subject, false);
    const { flags, minLocalParcels, minLocalBytes } = conditions;
    if (satisfied === 0)
      this.armed.push({ flags, minLocalParcels, minLocalBytes, handler, context });
    return satisfied;
  }

  /** Fires and removes every trap that `subject` satisfies, in the order they were armed. */
  update(subject: TrapSubject, newParcel: boolean): void {
    if (this.armed.length > 0) this.fire(subject, newParcel);
  }

  /** Fires REMOVED at every trap; the status of such an event is zero. */
  removeAll(): void {
    const removed = this.armed;
    this.armed = [];
    for (const trap of removed)
      this.delivery.queue(trap.handler, trap.context, IPCZ_TRAP_REMOVED, snapshot(null));
  }

  private fire(subject: TrapSubject, newParcel: boolean): void {
    const { armed } = this;
    let kept = 0;
    for (const trap of armed) {
      const satisfied = satisfiedConditions(trap, subject, newParcel);
      if (satisfied === 0) armed[kept++] = trap;
      else this.delivery.queue(trap.handler, trap.context, satisfied, snapshot(subject));
    }
    while (armed.length > kept) armed.pop();
  }
}

function satisfiedConditions(
  conditions: TrapConditions,
  subject: TrapSubject,
  newParcel: boolean,
): number {
  let satisfied = 0;
  if ((subject.statusFlags & IPCZ_PORTAL_STATUS_PEER_CLOSED) !== 0)
    satisfied |= IPCZ_TRAP_PEER_CLOSED;
  if ((subject.statusFlags & IPCZ_PORTAL_STATUS_DEAD) !== 0) satisfied |= IPCZ_TRAP_DEAD;
  if (subject.localParcels > conditions.minLocalParcels)
    satisfied |= IPCZ_TRAP_ABOVE_MIN_LOCAL_PARCELS;
  if (subject.localBytes > conditions.minLocalBytes) satisfied |= IPCZ_TRAP_ABOVE_MIN_LOCAL_BYTES;
  if (newParcel) satisfied |= IPCZ_TRAP_NEW_LOCAL_PARCEL;
  return satisfied & conditions.flags;
}

function snapshot(subject: TrapSubject | null): IpczPortalStatus {
  return {
    size: IPCZ_PORTAL_STATUS_SIZE,
    flags: subject?.statusFlags ?? 0,
    numLocalParcels: subject?.localParcels ?? 0,
    numLocalBytes: subject?.localBytes ?? 0,
  };
}
