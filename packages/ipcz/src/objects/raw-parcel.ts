/**
 * A parcel as it comes out of the table: bytes, handles, and the parcel object if somebody asked for it.
 */
import {
  IPCZ_INVALID_HANDLE,
  IPCZ_NO_FLAGS,
  IPCZ_RESULT_ALREADY_EXISTS,
  IPCZ_RESULT_NOT_FOUND,
  IPCZ_RESULT_OK,
  IPCZ_RESULT_RESOURCE_EXHAUSTED,
  IPCZ_RESULT_UNAVAILABLE,
  type IpczAPI,
  type IpczHandle,
} from "@ipcz/api";
import { errorOf } from "../errors/ipcz-error.ts";

/** Everything in it is the holder's. */
export interface RawParcel {
  readonly bytes: Uint8Array;
  readonly handles: readonly IpczHandle[];
  /** 0 unless it was asked for. */
  readonly object: IpczHandle;
}

/** Why there is none: not yet, a two-phase get is in the way, or never more. */
export type NoParcel = "empty" | "busy" | "dead";

export const noBytes: Uint8Array = new Uint8Array(0);
export const noHandles: readonly IpczHandle[] = [];

// Cells for the calls below; nothing happens between setting and reading them.
const numBytes = { value: 0 };
const numHandles = { value: 0 };
const object = { value: IPCZ_INVALID_HANDLE };

/** Takes the next parcel of a portal, or reads a parcel object. Throws for what is neither. */
export function readParcel(api: IpczAPI, source: IpczHandle, keep: boolean): RawParcel | NoParcel {
  const objectOut = keep ? object : null;
  numBytes.value = 0;
  numHandles.value = 0;
  object.value = IPCZ_INVALID_HANDLE;
  let bytes = noBytes;
  let handles: IpczHandle[] | null = null;
  let result = api.Get(source, IPCZ_NO_FLAGS, null, null, numBytes, null, numHandles, objectOut);
  if (result === IPCZ_RESULT_RESOURCE_EXHAUSTED) {
    if (numBytes.value > 0) bytes = new Uint8Array(numBytes.value);
    if (numHandles.value > 0)
      handles = Array.from({ length: numHandles.value }, () => IPCZ_INVALID_HANDLE);
    result = api.Get(source, IPCZ_NO_FLAGS, null, bytes, numBytes, handles, numHandles, objectOut);
  }
  switch (result) {
    case IPCZ_RESULT_OK:
      return { bytes, handles: handles ?? noHandles, object: object.value };
    case IPCZ_RESULT_UNAVAILABLE:
      return "empty";
    case IPCZ_RESULT_ALREADY_EXISTS:
      return "busy";
    case IPCZ_RESULT_NOT_FOUND:
      return "dead";
    default:
      throw errorOf(result, "get a parcel");
  }
}
