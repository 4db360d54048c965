/**
 * Put, BeginPut, EndPut: the first step of every parcel (spec: api 2.3.7 to 2.3.9).
 *
 * Twin of get.ts.
 */
import {
  IPCZ_BEGIN_PUT_ALLOW_PARTIAL,
  IPCZ_END_PUT_ABORT,
  type IpczHandle,
  IPCZ_RESULT_INVALID_ARGUMENT,
  IPCZ_RESULT_NOT_FOUND,
  IPCZ_RESULT_OK,
  type IpczResult,
  type IpczTransaction,
  type Out,
} from "@ipcz/api";
import { Parcel } from "../parcels/parcel.ts";
import { ParcelData } from "../parcels/parcel-data.ts";
import type { Router } from "../routing/router.ts";
import { memoryForParcels, refusesPuts, sendBytes, sendFromPortal } from "../routing/outbound.ts";
import {
  capacityOf,
  findAttachments,
  isBuffer,
  isCount,
  isInputList,
  NONE_FOUND,
  takeAttachments,
} from "./arguments.ts";
import type { Core } from "./core.ts";

const NO_BYTES = new Uint8Array(0);

export function put(
  core: Core,
  portal: IpczHandle,
  data: Uint8Array | null,
  numBytes: number,
  handles: readonly IpczHandle[] | null,
  numHandles: number,
): IpczResult {
  const router = core.portal(portal);
  if (!router || !isBuffer(data, numBytes) || !isInputList(handles, numHandles))
    return IPCZ_RESULT_INVALID_ARGUMENT;
  // The common case stays small enough for V8 to compile it into one piece.
  const isSent =
    numHandles === 0 && !refusesPuts(router) && sendBytes(router, data ?? NO_BYTES, numBytes);
  return isSent ? IPCZ_RESULT_OK : putParcel(core, router, data, numBytes, handles, numHandles);
}

function putParcel(
  core: Core,
  router: Router,
  data: Uint8Array | null,
  numBytes: number,
  handles: readonly IpczHandle[] | null,
  numHandles: number,
): IpczResult {
  const attachments = findAttachments(core, router, handles, numHandles);
  if (!attachments) return IPCZ_RESULT_INVALID_ARGUMENT;
  if (refusesPuts(router)) return IPCZ_RESULT_NOT_FOUND;
  const copy = ParcelData.allocate(memoryForParcels(router), numBytes);
  if (data && numBytes > 0) copy.fill(data, numBytes);
  sendFromPortal(router, new Parcel(copy, takeAttachments(core, attachments)));
  return IPCZ_RESULT_OK;
}

export function beginPut(
  core: Core,
  portal: IpczHandle,
  flags: number,
  data: Out<Uint8Array | null> | null,
  numBytes: Out<number> | null,
  transaction: Out<IpczTransaction> | null,
): IpczResult {
  const router = core.portal(portal);
  const wanted = capacityOf(numBytes);
  if (!router || !transaction || !isCount(wanted)) return IPCZ_RESULT_INVALID_ARGUMENT;
  // Closure that is known but not shown yet is told by EndPut (spec: api 2.3.8).
  if (router.isPeerClosed) return IPCZ_RESULT_NOT_FOUND;
  const memory = memoryForParcels(router);
  const room =
    (flags & IPCZ_BEGIN_PUT_ALLOW_PARTIAL) === 0
      ? ParcelData.allocate(memory, wanted)
      : ParcelData.allocatePartial(memory, wanted);
  if (data) data.value = room.size > 0 ? room.bytes() : null;
  if (numBytes) numBytes.value = room.size;
  transaction.value = router.transactions.beginPut(room);
  return IPCZ_RESULT_OK;
}

export function endPut(
  core: Core,
  portal: IpczHandle,
  transaction: IpczTransaction,
  numBytesProduced: number,
  handles: readonly IpczHandle[] | null,
  numHandles: number,
  flags: number,
): IpczResult {
  const router = core.portal(portal);
  if (!router || !transaction || !isInputList(handles, numHandles))
    return IPCZ_RESULT_INVALID_ARGUMENT;
  const aborts = (flags & IPCZ_END_PUT_ABORT) !== 0;
  const attachments = aborts ? NONE_FOUND : findAttachments(core, router, handles, numHandles);
  const room = router.transactions.put(transaction);
  if (!attachments || !room) return IPCZ_RESULT_INVALID_ARGUMENT;
  const fits = isCount(numBytesProduced) && numBytesProduced <= room.size;
  if (!aborts && !fits) return IPCZ_RESULT_INVALID_ARGUMENT;
  router.transactions.endPut(transaction);
  if (aborts || refusesPuts(router)) {
    room.release();
    return aborts ? IPCZ_RESULT_OK : IPCZ_RESULT_NOT_FOUND;
  }
  room.shrink(numBytesProduced);
  sendFromPortal(router, new Parcel(room, takeAttachments(core, attachments)));
  return IPCZ_RESULT_OK;
}
