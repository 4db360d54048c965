/**
 * Trap (spec: api 2.3.13).
 */
import {
  type IpczContext,
  type IpczHandle,
  type IpczPortalStatus,
  IPCZ_PORTAL_STATUS_SIZE,
  IPCZ_RESULT_FAILED_PRECONDITION,
  IPCZ_RESULT_INVALID_ARGUMENT,
  IPCZ_RESULT_OK,
  type IpczResult,
  type IpczTrapConditions,
  IPCZ_TRAP_CONDITIONS_SIZE,
  type IpczTrapEventHandler,
  type Out,
} from "@ipcz/api";
import { writeStatus } from "../routing/portal-status.ts";
import type { Core } from "./core.ts";

export function trap(
  core: Core,
  portal: IpczHandle,
  conditions: IpczTrapConditions | null,
  handler: IpczTrapEventHandler | null,
  context: IpczContext,
  satisfied: Out<number> | null,
  status: IpczPortalStatus | null,
): IpczResult {
  const router = core.portal(portal);
  if (!router || typeof handler !== "function") return IPCZ_RESULT_INVALID_ARGUMENT;
  if (!conditions || !(conditions.size >= IPCZ_TRAP_CONDITIONS_SIZE))
    return IPCZ_RESULT_INVALID_ARGUMENT;
  if (status && !(status.size >= IPCZ_PORTAL_STATUS_SIZE)) return IPCZ_RESULT_INVALID_ARGUMENT;
  const met = router.traps.arm(conditions, handler, context, router);
  if (met === 0) return IPCZ_RESULT_OK;
  if (satisfied) satisfied.value = met;
  if (status) writeStatus(router, status);
  return IPCZ_RESULT_FAILED_PRECONDITION;
}
