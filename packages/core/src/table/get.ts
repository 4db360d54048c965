/**
 * Get and Reject: the last step of every parcel (spec: api 2.3.10, 2.3.14). Two-phase gets are in two-phase-get.ts.
 *
 * Twin of put.ts.
 */
import {
  type IpczContext,
  IPCZ_GET_PARTIAL,
  type IpczHandle,
  IPCZ_RESULT_ALREADY_EXISTS,
  IPCZ_RESULT_FAILED_PRECONDITION,
  IPCZ_RESULT_INVALID_ARGUMENT,
  IPCZ_RESULT_NOT_FOUND,
  IPCZ_RESULT_OK,
  IPCZ_RESULT_RESOURCE_EXHAUSTED,
  type IpczResult,
  IPCZ_RESULT_UNAVAILABLE,
  type Out,
} from "@ipcz/api";
import { verify } from "../base/assert.ts";
import type { Parcel } from "../parcels/parcel.ts";
import { takeParcel } from "../routing/inbound.ts";
import type { Router } from "../routing/router.ts";
import { capacityOf, isBuffer, isOutputList } from "./arguments.ts";
import type { Core } from "./core.ts";
import type { ParcelObject } from "./parcel-object.ts";

/** Get, with all its outputs: bytes, handles, and what is left of the parcel. */
export function get(
  core: Core,
  source: IpczHandle,
  flags: number,
  data: Uint8Array | null,
  numBytes: Out<number> | null,
  handles: IpczHandle[] | null,
  numHandles: Out<number> | null,
  parcelOut: Out<IpczHandle> | null,
): IpczResult {
  const router = core.portal(source);
  // Nothing but bytes is asked for and there, as with most parcels: in few steps.
  if (router && !parcelOut && !numHandles && getBytes(router, data, numBytes))
    return IPCZ_RESULT_OK;
  const object = router ? null : core.parcelObject(source);
  if (!router && !object) return IPCZ_RESULT_INVALID_ARGUMENT;
  const bytesMax = capacityOf(numBytes);
  const handlesMax = capacityOf(numHandles);
  const hasRoom = isBuffer(data, bytesMax) && isOutputList(handles, handlesMax);
  const obstacle = router ? obstacleAtPortal(router, hasRoom) : obstacleAtParcel(object, hasRoom);
  if (obstacle !== IPCZ_RESULT_OK) return obstacle;
  const head = verify(router ? router.inbound.peek() : object?.parcel, "nothing is in the way");
  const size = head.data.size;
  const count = head.attachments.length;
  const fits = size <= bytesMax && count <= handlesMax;
  if (!fits && (flags & IPCZ_GET_PARTIAL) === 0) {
    if (numBytes) numBytes.value = size;
    if (numHandles) numHandles.value = count;
    return IPCZ_RESULT_RESOURCE_EXHAUSTED;
  }
  if (router) takeParcel(router);
  // Not by Math.min, for which V8 would make floating-point numbers of them.
  const bytesTaken = size <= bytesMax ? size : bytesMax;
  const handlesTaken = count <= handlesMax ? count : handlesMax;
  if (data) head.data.copyTo(data, bytesTaken);
  if (numBytes) numBytes.value = bytesTaken;
  moveHandles(core, head, handlesTaken, handles);
  if (numHandles) numHandles.value = handlesTaken;
  if (parcelOut) parcelOut.value = object ? core.addParcelObject(object) : core.addParcel(head);
  else if (router) head.close();
  return IPCZ_RESULT_OK;
}

/** Gets the next parcel, if it is whole bytes that have room in `data`; false, and nothing was done, otherwise. */
function getBytes(router: Router, data: Uint8Array | null, numBytes: Out<number> | null): boolean {
  const head = router.inbound.peek();
  if (!head || !numBytes || !(data instanceof Uint8Array)) return false;
  const { size } = head.data;
  const room = numBytes.value;
  const fits = size <= room && room <= data.length && head.attachments.length === 0;
  if (!fits || !Number.isSafeInteger(room) || router.transactions.hasExclusiveGet) return false;
  takeParcel(router);
  head.data.copyTo(data, size);
  numBytes.value = size;
  head.close();
  return true;
}

/** Why nothing can be got from a portal now, in the order of spec: api 2.3.10; OK: something can. */
function obstacleAtPortal(router: Router, hasRoom: boolean): IpczResult {
  if (router.isDead) return IPCZ_RESULT_NOT_FOUND;
  if (!router.inbound.peek()) return IPCZ_RESULT_UNAVAILABLE;
  if (!hasRoom) return IPCZ_RESULT_INVALID_ARGUMENT;
  return router.transactions.hasExclusiveGet ? IPCZ_RESULT_ALREADY_EXISTS : IPCZ_RESULT_OK;
}

function obstacleAtParcel(object: ParcelObject | null, hasRoom: boolean): IpczResult {
  if (object && object.transaction !== 0) return IPCZ_RESULT_ALREADY_EXISTS;
  return hasRoom ? IPCZ_RESULT_OK : IPCZ_RESULT_INVALID_ARGUMENT;
}

/** The first `count` attachments become handles of the caller. */
export function moveHandles(
  core: Core,
  parcel: Parcel,
  count: number,
  handles: IpczHandle[] | null,
): void {
  if (count === 0 || !handles) return;
  const taken = parcel.takeAttachments(count);
  for (const [index, attachment] of taken.entries())
    handles[index] = core.addAttachment(attachment);
}

export function reject(core: Core, parcel: IpczHandle, context: IpczContext): IpczResult {
  const object = core.parcelObject(parcel);
  if (!object) return IPCZ_RESULT_INVALID_ARGUMENT;
  const source = object.parcel.source;
  if (!source) return IPCZ_RESULT_FAILED_PRECONDITION;
  source.reportBadActivity(context);
  return IPCZ_RESULT_OK;
}
