/** What an application sees of a portal. */
import {
  IPCZ_PORTAL_STATUS_PEER_CLOSED,
  IPCZ_PORTAL_STATUS_SIZE,
  type IpczHandle,
} from "@ipcz/api";
import { getAPI } from "@ipcz/core";

export function isPeerClosed(portal: IpczHandle): boolean {
  const status = { size: IPCZ_PORTAL_STATUS_SIZE, flags: 0, numLocalParcels: 0, numLocalBytes: 0 };
  getAPI().QueryPortalStatus(portal, 0, null, status);
  return (status.flags & IPCZ_PORTAL_STATUS_PEER_CLOSED) !== 0;
}
