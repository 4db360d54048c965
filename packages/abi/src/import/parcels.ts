/**
 * Put, Get, Reject.
 */
import {
  IPCZ_RESULT_INVALID_ARGUMENT,
  IPCZ_RESULT_OK,
  IPCZ_RESULT_RESOURCE_EXHAUSTED,
  type IpczAPI,
  type IpczHandle,
  type Out,
} from "@ipcz/api";
import { contextToNative } from "../border/context.ts";
import { copyWords, inOutWord, takeWord, wordAt, type Frame, type Place } from "../border/frame.ts";
import { inFrame } from "../border/in-frame.ts";
import { WORD_BYTES } from "../c/layout.ts";
import { flagBits, isBuffer, isGift, isHandle, isOutputList } from "./arguments.ts";
import type { NativeLibrary } from "./native-library.ts";

/** More handles than any parcel has. */
const HANDLES_MAX = 2 ** 20;

/** For one library. */
export function parcelFunctions({ call }: NativeLibrary): Pick<IpczAPI, "Put" | "Get" | "Reject"> {
  return {
    Put(portal, data, numBytes, handles, numHandles, flags) {
      if (!isHandle(portal) || !isBuffer(data, numBytes) || !isGift(handles, numHandles)) {
        return IPCZ_RESULT_INVALID_ARGUMENT;
      }
      return inFrame((frame) => {
        const list = giftOf(frame, handles, numHandles);
        return call.Put(portal, data, numBytes, list, numHandles, flagBits(flags), null);
      });
    },
    Get(source, flags, _options, data, numBytes, handles, numHandles, parcel) {
      const room = numBytes?.value ?? 0;
      if (!isHandle(source)) return IPCZ_RESULT_INVALID_ARGUMENT;
      // A capacity without a buffer is told to native code as it is: what is due depends on what there is to get.
      const buffer = isBuffer(data, room) && room > 0 ? data : null;
      return inFrame((frame) => {
        const bytes = inOutWord(frame, numBytes);
        const given = reserveHandles(frame, handles, numHandles);
        const object = parcel ? frame.word(0) : null;
        const result = call.Get(
          source,
          flagBits(flags),
          null,
          buffer,
          bytes?.address ?? null,
          given.list?.address ?? null,
          given.count?.address ?? null,
          object?.address ?? null,
        );
        if (result === IPCZ_RESULT_OK || result === IPCZ_RESULT_RESOURCE_EXHAUSTED) {
          takeWord(numBytes, bytes);
          takeHandles(given, result === IPCZ_RESULT_OK ? handles : null, numHandles);
        }
        if (result === IPCZ_RESULT_OK && parcel && object) {
          parcel.value = wordAt(object) as IpczHandle;
        }
        return result;
      });
    },
    Reject(parcel, context) {
      const word = contextToNative(context);
      if (!isHandle(parcel) || word === null) return IPCZ_RESULT_INVALID_ARGUMENT;
      return inFrame(() => call.Reject(parcel, word, 0, null));
    },
  };
}

/** Handles to give away; null for none. */
export function giftOf(
  frame: Frame,
  handles: readonly IpczHandle[] | null,
  count: number,
): number | null {
  return handles === null || count === 0 ? null : frame.words(handles, count).address;
}

/** Where a get puts handles. */
export interface HandleRoom {
  readonly list: Place | null;
  readonly count: Place | null;
}

/** Room for as many handles as the caller has room for. Without a list native code is told so. */
export function reserveHandles(
  frame: Frame,
  handles: IpczHandle[] | null,
  numHandles: Out<number> | null,
): HandleRoom {
  if (!numHandles) return { list: null, count: null };
  const capacity = Math.min(numHandles.value, HANDLES_MAX);
  const list =
    handles && capacity > 0 && isOutputList(handles, capacity)
      ? frame.reserve(capacity * WORD_BYTES)
      : null;
  return { list, count: frame.word(Math.max(capacity, 0)) };
}

/** Copies what native code has given: the count, and the handles unless `handles` is null. */
export function takeHandles(
  { list, count }: HandleRoom,
  handles: IpczHandle[] | null,
  numHandles: Out<number> | null,
): void {
  if (!numHandles || !count) return;
  numHandles.value = wordAt(count);
  if (handles && list) copyWords(list, numHandles.value, handles);
}
