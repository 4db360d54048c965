/**
 * Portals and conditions in words, for the account of a story that failed or stalled.
 */
import {
  IPCZ_PORTAL_STATUS_DEAD,
  IPCZ_PORTAL_STATUS_PEER_CLOSED,
  IPCZ_RESULT_OK,
  IPCZ_TRAP_ABOVE_MIN_LOCAL_BYTES,
  IPCZ_TRAP_ABOVE_MIN_LOCAL_PARCELS,
  IPCZ_TRAP_DEAD,
  IPCZ_TRAP_NEW_LOCAL_PARCEL,
  IPCZ_TRAP_PEER_CLOSED,
  type IpczHandle,
  type IpczTrapConditions,
} from "@ipcz/api";
import { queryStatus } from "../table/calls.ts";
import { resultName } from "../table/expect.ts";
import type { Environment } from "./environment.ts";

/** What a trap with these conditions waits for. */
export function describeConditions(wanted: IpczTrapConditions): string {
  const names: string[] = [];
  const has = (flag: number): boolean => (wanted.flags & flag) !== 0;
  if (has(IPCZ_TRAP_PEER_CLOSED)) names.push("peer closed");
  if (has(IPCZ_TRAP_DEAD)) names.push("dead");
  if (has(IPCZ_TRAP_ABOVE_MIN_LOCAL_PARCELS)) {
    names.push(`more than ${String(wanted.minLocalParcels)} parcels`);
  }
  if (has(IPCZ_TRAP_ABOVE_MIN_LOCAL_BYTES)) {
    names.push(`more than ${String(wanted.minLocalBytes)} bytes`);
  }
  if (has(IPCZ_TRAP_NEW_LOCAL_PARCEL)) names.push("a new parcel");
  return names.length === 0 ? "removal" : names.join(" or ");
}

/** A portal's status, and its route where the environment can see it. */
export function describePortal(environment: Environment, portal: IpczHandle): string {
  const { result, status } = queryStatus(environment.api, portal);
  if (result !== IPCZ_RESULT_OK) return `status answers ${resultName(result)}`;
  const words = [`${String(status.numLocalParcels)} parcels`];
  if ((status.flags & IPCZ_PORTAL_STATUS_PEER_CLOSED) !== 0) words.push("peer closed");
  if ((status.flags & IPCZ_PORTAL_STATUS_DEAD) !== 0) words.push("dead");
  const { inspect } = environment;
  if (inspect?.describe !== undefined) words.push(inspect.describe(portal));
  else if (inspect !== null) words.push(inspect.isDirectRemote(portal) ? "direct" : "not direct");
  return words.join(", ");
}
