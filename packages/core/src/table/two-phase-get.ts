/**
 * BeginGet and EndGet: a parcel's bytes are shown where they are (spec: api 2.3.11, 2.3.12).
 */
import {
  IPCZ_BEGIN_GET_OVERLAPPED,
  IPCZ_BEGIN_GET_PARTIAL,
  IPCZ_END_GET_ABORT,
  type IpczHandle,
  IPCZ_RESULT_ALREADY_EXISTS,
  IPCZ_RESULT_INVALID_ARGUMENT,
  IPCZ_RESULT_NOT_FOUND,
  IPCZ_RESULT_OK,
  IPCZ_RESULT_RESOURCE_EXHAUSTED,
  type IpczResult,
  IPCZ_RESULT_UNAVAILABLE,
  type IpczTransaction,
  type Out,
} from "@ipcz/api";
import { verify } from "../base/assert.ts";
import type { Parcel } from "../parcels/parcel.ts";
import { takeParcel } from "../routing/inbound.ts";
import { transactionId } from "../routing/transactions.ts";
import type { Router } from "../routing/router.ts";
import { capacityOf, isOutputList } from "./arguments.ts";
import type { Core } from "./core.ts";
import { moveHandles } from "./get.ts";
import type { ParcelObject } from "./parcel-object.ts";

/** Where a BeginGet writes. */
export interface BeginGetOutputs {
  readonly data: Out<Uint8Array | null> | null;
  readonly numBytes: Out<number> | null;
  readonly handles: IpczHandle[] | null;
  readonly numHandles: Out<number> | null;
  readonly transaction: Out<IpczTransaction> | null;
}

export function beginGet(
  core: Core,
  source: IpczHandle,
  flags: number,
  out: BeginGetOutputs,
): IpczResult {
  const router = core.portal(source);
  const object = router ? null : core.parcelObject(source);
  const { transaction } = out;
  if (!transaction) return IPCZ_RESULT_INVALID_ARGUMENT;
  if (!isOutputList(out.handles, capacityOf(out.numHandles))) return IPCZ_RESULT_INVALID_ARGUMENT;
  if (router) return beginGetFromPortal(core, router, flags, out, transaction);
  const overlapped = (flags & IPCZ_BEGIN_GET_OVERLAPPED) !== 0;
  if (!object || overlapped) return IPCZ_RESULT_INVALID_ARGUMENT;
  return beginGetFromParcel(core, object, flags, out, transaction);
}

function beginGetFromPortal(
  core: Core,
  router: Router,
  flags: number,
  out: BeginGetOutputs,
  transaction: Out<IpczTransaction>,
): IpczResult {
  const { transactions } = router;
  const overlapped = (flags & IPCZ_BEGIN_GET_OVERLAPPED) !== 0;
  if (overlapped ? transactions.hasExclusiveGet : transactions.hasGets)
    return IPCZ_RESULT_ALREADY_EXISTS;
  const head = router.inbound.peek();
  if (!head) return router.isDead ? IPCZ_RESULT_NOT_FOUND : IPCZ_RESULT_UNAVAILABLE;
  if (!fits(head, flags, out)) return IPCZ_RESULT_RESOURCE_EXHAUSTED;
  if (overlapped) takeParcel(router);
  show(core, head, out);
  transaction.value = overlapped
    ? transactions.beginOverlappedGet(head)
    : transactions.beginExclusiveGet();
  return IPCZ_RESULT_OK;
}

function beginGetFromParcel(
  core: Core,
  object: ParcelObject,
  flags: number,
  out: BeginGetOutputs,
  transaction: Out<IpczTransaction>,
): IpczResult {
  if (object.transaction !== 0) return IPCZ_RESULT_ALREADY_EXISTS;
  if (!fits(object.parcel, flags, out)) return IPCZ_RESULT_RESOURCE_EXHAUSTED;
  show(core, object.parcel, out);
  transaction.value = transactionId(object.beginGet());
  return IPCZ_RESULT_OK;
}

function fits(parcel: Parcel, flags: number, out: BeginGetOutputs): boolean {
  const count = parcel.attachments.length;
  if ((flags & IPCZ_BEGIN_GET_PARTIAL) !== 0) return true;
  if (count <= capacityOf(out.numHandles)) return true;
  if (out.numHandles) out.numHandles.value = count;
  return false;
}

function show(core: Core, parcel: Parcel, out: BeginGetOutputs): void {
  const { data } = parcel;
  if (out.data) out.data.value = data.size > 0 ? data.bytes() : null;
  if (out.numBytes) out.numBytes.value = data.size;
  const count = Math.min(parcel.attachments.length, capacityOf(out.numHandles));
  moveHandles(core, parcel, count, out.handles);
  if (out.numHandles) out.numHandles.value = count;
}

export function endGet(
  core: Core,
  source: IpczHandle,
  transaction: IpczTransaction,
  flags: number,
  parcelOut: Out<IpczHandle> | null,
): IpczResult {
  const router = core.portal(source);
  const aborts = (flags & IPCZ_END_GET_ABORT) !== 0;
  if (router) return endGetFromPortal(core, router, transaction, aborts, parcelOut);
  const object = core.parcelObject(source);
  if (!object || object.transaction === 0 || object.transaction !== transaction)
    return IPCZ_RESULT_INVALID_ARGUMENT;
  object.transaction = 0;
  if (parcelOut) parcelOut.value = core.addParcelObject(object);
  return IPCZ_RESULT_OK;
}

function endGetFromPortal(
  core: Core,
  router: Router,
  transaction: IpczTransaction,
  aborts: boolean,
  parcelOut: Out<IpczHandle> | null,
): IpczResult {
  const { transactions } = router;
  if (transactions.isExclusiveGet(transaction)) {
    transactions.endExclusiveGet();
    if (!aborts) {
      const shown = verify(takeParcel(router), "an exclusive get keeps its parcel at the head");
      handOver(core, shown, parcelOut);
    }
    return IPCZ_RESULT_OK;
  }
  const overlapped = transactions.takeOverlappedGet(transaction);
  if (!overlapped) return IPCZ_RESULT_INVALID_ARGUMENT;
  handOver(core, overlapped, aborts ? null : parcelOut);
  return IPCZ_RESULT_OK;
}

/** What is left of a parcel becomes a parcel object, or is closed. */
function handOver(core: Core, parcel: Parcel, out: Out<IpczHandle> | null): void {
  if (out) out.value = core.addParcel(parcel);
  else parcel.close();
}
