/**
 * Put, Get, Reject for native callers.
 */
import {
  IPCZ_INVALID_HANDLE,
  IPCZ_RESULT_INVALID_ARGUMENT,
  IPCZ_RESULT_OK,
  IPCZ_RESULT_RESOURCE_EXHAUSTED,
  type IpczHandle,
} from "@ipcz/api";
import { cellAt, emptyCellAt, writeCell } from "../border/cells.ts";
import { contextFromNative } from "../border/context.ts";
import {
  readBytes,
  readWords,
  VIEW_MIN_BYTES,
  viewBytes,
  writeBytes,
  writeWords,
} from "../border/native-memory.ts";
import type { ApiCallees } from "./callees.ts";
import { areBytes, areElements, usableBytes } from "./counts.ts";
import type { Export } from "./export.ts";

/** For one export. */
export function parcelCallees(own: Export): Pick<ApiCallees, "Put" | "Get" | "Reject"> {
  const { api } = own;
  return {
    Put(
      portal: IpczHandle,
      dataAt: number,
      numBytes: number,
      handlesAt: number,
      numHandles: number,
      flags: number,
    ) {
      if (!areBytes(numBytes) || !areElements(numHandles)) return IPCZ_RESULT_INVALID_ARGUMENT;
      const data = readBytes(dataAt, numBytes);
      const handles = givenHandles(handlesAt, numHandles);
      const result = api.Put(portal, data, numBytes, handles, numHandles, flags, null);
      if (result === IPCZ_RESULT_OK && handles !== null) own.gone(...handles);
      return result;
    },
    Get(
      source: IpczHandle,
      flags: number,
      _options: number,
      dataAt: number,
      numBytesAt: number,
      handlesAt: number,
      numHandlesAt: number,
      parcelAt: number,
    ) {
      const numBytes = cellAt(numBytesAt);
      if (numBytes !== null) numBytes.value = usableBytes(numBytes.value);
      const data = roomAt(dataAt, numBytes?.value ?? 0);
      const handles: IpczHandle[] | null = handlesAt === 0 ? null : [];
      const numHandles = cellAt(numHandlesAt);
      const parcel = emptyCellAt(parcelAt, IPCZ_INVALID_HANDLE);
      const result = api.Get(source, flags, null, data, numBytes, handles, numHandles, parcel);
      if (result !== IPCZ_RESULT_OK && result !== IPCZ_RESULT_RESOURCE_EXHAUSTED) return result;
      writeCell(numBytesAt, numBytes);
      writeCell(numHandlesAt, numHandles);
      if (result !== IPCZ_RESULT_OK) return result;
      if (data !== null && data.length < VIEW_MIN_BYTES) {
        writeBytes(dataAt, data, numBytes?.value ?? 0);
      }
      if (handles !== null) writeWords(handlesAt, handles, numHandles?.value ?? 0);
      writeCell(parcelAt, parcel);
      return result;
    },
    Reject: (parcel: IpczHandle, context: number | bigint, flags: number) =>
      api.Reject(parcel, contextFromNative(context), flags, null),
  };
}

/** Handles that a caller gives away; null for a null pointer. */
export function givenHandles(address: number, count: number): IpczHandle[] | null {
  return address === 0 ? null : readWords<IpczHandle>(address, count);
}

/** Room for bytes: in place when there is much, which is dear to show but dearer to copy. */
function roomAt(address: number, capacity: number): Uint8Array | null {
  if (address === 0) return null;
  return capacity < VIEW_MIN_BYTES ? new Uint8Array(capacity) : viewBytes(address, capacity);
}
