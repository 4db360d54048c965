/**
 * What native code reports, as plain data: it may have to go from one thread to another.
 */
import {
  IPCZ_TRANSPORT_ACTIVITY_DEACTIVATED,
  type IpczApplicationObjectDestructor,
  type IpczApplicationObjectSerializer,
  type IpczDriverHandle,
} from "@ipcz/api";
import { Pending } from "./pending.ts";

/** A trap fired. */
export interface TrapReport {
  readonly kind: "trap";
  readonly id: number;
  readonly conditionFlags: number;
  readonly statusFlags: number;
  readonly numLocalParcels: number;
  readonly numLocalBytes: number;
}

/** The box of an application object was closed. */
export interface DestroyReport {
  readonly kind: "destroy";
  readonly id: number;
}

/** Something happened on a transport. */
export interface ActivityReport {
  readonly kind: "activity";
  readonly id: number;
  /** A copy. */
  readonly data: Uint8Array | null;
  readonly handles: readonly IpczDriverHandle[];
  readonly flags: number;
  /** 0: none. */
  readonly envelope: IpczDriverHandle;
}

/** Any of these. */
export type Report = TrapReport | DestroyReport | ActivityReport;

/** An application object in a native box. */
export interface BoxedObject {
  readonly object: unknown;
  readonly serializer: IpczApplicationObjectSerializer | null;
  readonly destructor: IpczApplicationObjectDestructor | null;
}

/** Traps that have not fired yet. */
export const pendingTraps: Pending<(report: TrapReport) => void> = new Pending();
/** Application objects that are in native boxes. */
export const boxedObjects: Pending<BoxedObject> = new Pending();
/** Transports of native drivers that are active. */
export const activeListeners: Pending<(report: ActivityReport) => void> = new Pending();

/** Tells whoever waits for it; to be called when no native function is on the stack. */
export function deliver(report: Report): void {
  switch (report.kind) {
    case "trap":
      pendingTraps.take(report.id)?.(report);
      return;
    case "destroy": {
      const boxed = boxedObjects.take(report.id);
      boxed?.destructor?.(boxed.object, 0, null);
      return;
    }
    case "activity": {
      const last = (report.flags & IPCZ_TRANSPORT_ACTIVITY_DEACTIVATED) !== 0;
      const listener = last ? activeListeners.take(report.id) : activeListeners.get(report.id);
      listener?.(report);
      return;
    }
  }
}
