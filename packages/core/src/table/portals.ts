/**
 * OpenPortals, MergePortals, QueryPortalStatus (spec: api 2.3.4 to 2.3.6).
 */
import {
  type IpczHandle,
  type IpczPortalStatus,
  IPCZ_PORTAL_STATUS_SIZE,
  IPCZ_RESULT_FAILED_PRECONDITION,
  IPCZ_RESULT_INVALID_ARGUMENT,
  IPCZ_RESULT_OK,
  type IpczResult,
  type Out,
} from "@ipcz/api";
import { mergeObstacle, mergeRoutes } from "../routing/merge.ts";
import { openPair } from "../routing/pair.ts";
import { writeStatus } from "../routing/portal-status.ts";
import type { Core } from "./core.ts";

export function openPortals(
  core: Core,
  node: IpczHandle,
  portal0: Out<IpczHandle> | null,
  portal1: Out<IpczHandle> | null,
): IpczResult {
  if (!core.node(node) || !portal0 || !portal1) return IPCZ_RESULT_INVALID_ARGUMENT;
  const [a, b] = openPair(core.world);
  portal0.value = core.handles.add(a);
  portal1.value = core.handles.add(b);
  return IPCZ_RESULT_OK;
}

export function mergePortals(core: Core, first: IpczHandle, second: IpczHandle): IpczResult {
  const a = core.portal(first);
  const b = core.portal(second);
  const obstacle = a && b ? mergeObstacle(a, b) : "invalid";
  if (!a || !b || obstacle === "invalid") return IPCZ_RESULT_INVALID_ARGUMENT;
  if (obstacle === "used") return IPCZ_RESULT_FAILED_PRECONDITION;
  core.handles.remove(first);
  core.handles.remove(second);
  mergeRoutes(a, b);
  a.release();
  b.release();
  return IPCZ_RESULT_OK;
}

export function queryPortalStatus(
  core: Core,
  portal: IpczHandle,
  status: IpczPortalStatus | null,
): IpczResult {
  const router = core.portal(portal);
  if (!router || !status || !(status.size >= IPCZ_PORTAL_STATUS_SIZE))
    return IPCZ_RESULT_INVALID_ARGUMENT;
  writeStatus(router, status);
  return IPCZ_RESULT_OK;
}
