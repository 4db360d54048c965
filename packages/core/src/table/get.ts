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
import type { Parcel } from "../parcels/parcel.ts";
import { takeParcel } from "../routing/inbound.ts";
import type { Router } from "../routing/router.ts";
import { capacityOf, isBuffer, isOutputList } from "./arguments.ts";
import type { Core } from "./core.ts";
import type { ParcelObject } from "./parcel-object.ts";

/** Where a Get writes. */
export interface GetOutputs {
  readonly data: Uint8Array | null;
  readonly numBytes: Out<number> | null;
  readonly handles: IpczHandle[] | null;
  readonly numHandles: Out<number> | null;
  readonly parcel: Out<IpczHandle> | null;
}

export function get(core: Core, source: IpczHandle, flags: number, out: GetOutputs): IpczResult {
  const router = core.portal(source);
  if (router) return getFromPortal(core, router, flags, out);
  const object = core.parcelObject(source);
  return object ? getFromParcel(core, object, flags, out) : IPCZ_RESULT_INVALID_ARGUMENT;
}

function getFromPortal(core: Core, router: Router, flags: number, out: GetOutputs): IpczResult {
  if (router.isDead) return IPCZ_RESULT_NOT_FOUND;
  const head = router.inbound.peek();
  if (!head) return IPCZ_RESULT_UNAVAILABLE;
  if (!hasRoomToWrite(out)) return IPCZ_RESULT_INVALID_ARGUMENT;
  if (router.transactions.hasExclusiveGet) return IPCZ_RESULT_ALREADY_EXISTS;
  if (!fits(head, flags, out)) return IPCZ_RESULT_RESOURCE_EXHAUSTED;
  const parcel = takeParcel(router);
  if (!parcel) return IPCZ_RESULT_UNAVAILABLE;
  deliver(core, parcel, out);
  if (out.parcel) out.parcel.value = core.addParcel(parcel);
  else parcel.close();
  return IPCZ_RESULT_OK;
}

function getFromParcel(
  core: Core,
  object: ParcelObject,
  flags: number,
  out: GetOutputs,
): IpczResult {
  if (object.transaction !== 0) return IPCZ_RESULT_ALREADY_EXISTS;
  if (!hasRoomToWrite(out)) return IPCZ_RESULT_INVALID_ARGUMENT;
  if (!fits(object.parcel, flags, out)) return IPCZ_RESULT_RESOURCE_EXHAUSTED;
  deliver(core, object.parcel, out);
  if (out.parcel) out.parcel.value = core.addParcelObject(object);
  return IPCZ_RESULT_OK;
}

function hasRoomToWrite(out: GetOutputs): boolean {
  return (
    isBuffer(out.data, capacityOf(out.numBytes)) &&
    isOutputList(out.handles, capacityOf(out.numHandles))
  );
}

/** True when the parcel fits, or part of it will do. Else both counts say what is needed. */
function fits(parcel: Parcel, flags: number, out: GetOutputs): boolean {
  if ((flags & IPCZ_GET_PARTIAL) !== 0) return true;
  const { size } = parcel.data;
  const count = parcel.attachments.length;
  if (size <= capacityOf(out.numBytes) && count <= capacityOf(out.numHandles)) return true;
  if (out.numBytes) out.numBytes.value = size;
  if (out.numHandles) out.numHandles.value = count;
  return false;
}

/** Copies bytes and moves handles, as many as there is room for. */
function deliver(core: Core, parcel: Parcel, out: GetOutputs): void {
  const numBytes = Math.min(parcel.data.size, capacityOf(out.numBytes));
  if (out.data) parcel.data.copyTo(out.data, numBytes);
  if (out.numBytes) out.numBytes.value = numBytes;
  const count = Math.min(parcel.attachments.length, capacityOf(out.numHandles));
  moveHandles(core, parcel, count, out.handles);
  if (out.numHandles) out.numHandles.value = count;
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
