/**
 * How a handshake ended, for the layer above the table; see watchPortalHandshake in table.ts.
 */
import {
  type IpczHandle,
  IPCZ_RESULT_FAILED_PRECONDITION,
  IPCZ_RESULT_INVALID_ARGUMENT,
  IPCZ_RESULT_OK,
  type IpczResult,
} from "@ipcz/api";
import type { Core } from "./core.ts";

/** Of a portal of ConnectNode. */
export function watchHandshake(
  core: Core,
  portal: IpczHandle,
  handler: (connected: boolean) => void,
): IpczResult {
  const router = core.portal(portal);
  if (!router || typeof handler !== "function") return IPCZ_RESULT_INVALID_ARGUMENT;
  if (!router.handshake) return IPCZ_RESULT_FAILED_PRECONDITION;
  router.handshake.watch(handler);
  return IPCZ_RESULT_OK;
}
