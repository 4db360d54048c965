/**
 * A router's state as the application sees it (spec: api 2.4).
 */
import { type IpczPortalStatus, IPCZ_PORTAL_STATUS_SIZE } from "@ipcz/api";
import type { TrapSubject } from "./traps.ts";

/** Fills `status`; its size becomes the part of it that has a meaning. */
export function writeStatus(subject: TrapSubject, status: IpczPortalStatus): void {
  status.size = Math.min(status.size, IPCZ_PORTAL_STATUS_SIZE);
  status.flags = subject.statusFlags;
  status.numLocalParcels = subject.localParcels;
  status.numLocalBytes = subject.localBytes;
}
