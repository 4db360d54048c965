/**
 * OpenPortals, MergePortals, QueryPortalStatus, Trap for native callers.
 */
import {
  IPCZ_INVALID_HANDLE,
  IPCZ_PORTAL_STATUS_SIZE,
  IPCZ_RESULT_FAILED_PRECONDITION,
  IPCZ_RESULT_INVALID_ARGUMENT,
  IPCZ_RESULT_OK,
  IPCZ_TRAP_CONDITIONS_SIZE,
  type IpczHandle,
  type IpczPortalStatus,
  type IpczTrapConditions,
} from "@ipcz/api";
import { emptyCellAt, writeCell } from "../border/cells.ts";
import { contextFromNative } from "../border/context.ts";
import { readStruct, readWordAt, writeUint32At, writeWordAt } from "../border/native-memory.ts";
import { readWord } from "../border/word.ts";
import { layoutOf } from "../c/layout.ts";
import type { ApiCallees } from "./callees.ts";
import type { Export } from "./export.ts";

const portalStatus = layoutOf("IpczPortalStatus");
const trapConditions = layoutOf("IpczTrapConditions");

/** For one export. */
export function portalCallees(
  own: Export,
): Pick<ApiCallees, "OpenPortals" | "MergePortals" | "QueryPortalStatus" | "Trap"> {
  const { api } = own;
  return {
    OpenPortals(
      node: IpczHandle,
      flags: number,
      _options: number,
      portal0At: number,
      portal1At: number,
    ) {
      const portal0 = emptyCellAt(portal0At, IPCZ_INVALID_HANDLE);
      const portal1 = emptyCellAt(portal1At, IPCZ_INVALID_HANDLE);
      const result = api.OpenPortals(node, flags, null, portal0, portal1);
      if (result !== IPCZ_RESULT_OK) return result;
      writeCell(portal0At, portal0);
      writeCell(portal1At, portal1);
      return result;
    },
    MergePortals(first: IpczHandle, second: IpczHandle, flags: number) {
      const result = api.MergePortals(first, second, flags, null);
      if (result === IPCZ_RESULT_OK) own.gone(first, second);
      return result;
    },
    QueryPortalStatus(portal: IpczHandle, flags: number, _options: number, statusAt: number) {
      const status = statusFor(statusAt);
      const result = api.QueryPortalStatus(portal, flags, null, status);
      if (result === IPCZ_RESULT_OK) writeStatus(statusAt, status);
      return result;
    },
    Trap(
      portal: IpczHandle,
      conditionsAt: number,
      handlerAt: number,
      context: number | bigint,
      flags: number,
      _options: number,
      satisfiedAt: number,
      statusAt: number,
    ) {
      const conditions = readConditions(conditionsAt);
      if (conditions === null) return IPCZ_RESULT_INVALID_ARGUMENT;
      const satisfied = emptyCellAt(satisfiedAt, 0);
      const status = statusFor(statusAt);
      const result = api.Trap(
        portal,
        conditions,
        own.trapHandler(handlerAt),
        contextFromNative(context),
        flags,
        null,
        satisfied,
        status,
      );
      if (result === IPCZ_RESULT_FAILED_PRECONDITION) {
        if (satisfied !== null) writeUint32At(satisfiedAt, satisfied.value);
        writeStatus(statusAt, status);
      }
      return result;
    },
  };
}

/** A status to be filled, of the size that the caller knows; null for a null pointer. */
function statusFor(address: number): IpczPortalStatus | null {
  if (address === 0) return null;
  return { size: readWordAt(address), flags: 0, numLocalParcels: 0, numLocalBytes: 0 };
}

function writeStatus(address: number, status: IpczPortalStatus | null): void {
  if (address === 0 || status === null) return;
  const { at } = portalStatus;
  writeWordAt(address + at.size, Math.min(status.size, IPCZ_PORTAL_STATUS_SIZE));
  writeUint32At(address + at.flags, status.flags);
  writeWordAt(address + at.num_local_parcels, status.numLocalParcels);
  writeWordAt(address + at.num_local_bytes, status.numLocalBytes);
}

/** Null when there are none, or too small ones. */
function readConditions(address: number): IpczTrapConditions | null {
  if (address === 0 || readWordAt(address) < IPCZ_TRAP_CONDITIONS_SIZE) return null;
  const conditions = readStruct(address, trapConditions.size);
  const { at } = trapConditions;
  return {
    size: readWord(conditions, at.size),
    flags: conditions.getUint32(at.flags, true),
    minLocalParcels: readWord(conditions, at.min_local_parcels),
    minLocalBytes: readWord(conditions, at.min_local_bytes),
  };
}
