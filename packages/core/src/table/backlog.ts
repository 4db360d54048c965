/**
 * Back-pressure for the layer above the table; see getPortalBacklog and watchPortalBacklog in table.ts.
 */
import {
  type IpczHandle,
  IPCZ_RESULT_FAILED_PRECONDITION,
  IPCZ_RESULT_INVALID_ARGUMENT,
  IPCZ_RESULT_OK,
  type IpczResult,
} from "@ipcz/api";
import { backlogOf, BacklogWatches, isWritable } from "../routing/portal-backlog.ts";
import type { Core } from "./core.ts";

export function portalBacklog(core: Core, portal: IpczHandle): number {
  const router = core.portal(portal);
  return router && isWritable(router) ? backlogOf(router) : 0;
}

export function watchBacklog(
  core: Core,
  portal: IpczHandle,
  numBytes: number,
  handler: () => void,
): IpczResult {
  const router = core.portal(portal);
  if (!router || typeof handler !== "function" || !(numBytes >= 0))
    return IPCZ_RESULT_INVALID_ARGUMENT;
  if (!isWritable(router) || backlogOf(router) <= numBytes) return IPCZ_RESULT_FAILED_PRECONDITION;
  router.backlogWatches ??= new BacklogWatches(router);
  router.backlogWatches.add(numBytes, handler);
  return IPCZ_RESULT_OK;
}
