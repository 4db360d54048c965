/**
 * BeginPut, EndPut, BeginGet, EndGet.
 *
 * The memory is native code's. A view of it that is used after its transaction has ended reaches whatever is there then,
 * as in C.
 */
import {
  IPCZ_END_PUT_ABORT,
  IPCZ_PORTAL_STATUS_DEAD,
  IPCZ_PORTAL_STATUS_PEER_CLOSED,
  IPCZ_RESULT_INVALID_ARGUMENT,
  IPCZ_RESULT_NOT_FOUND,
  IPCZ_RESULT_OK,
  IPCZ_RESULT_RESOURCE_EXHAUSTED,
  IPCZ_RESULT_UNAVAILABLE,
  type IpczAPI,
  type IpczHandle,
  type IpczTransaction,
  type Out,
} from "@ipcz/api";
import { wordAt, type Place } from "../border/frame.ts";
import { inFrame } from "../border/in-frame.ts";
import { viewBytes } from "../border/native-memory.ts";
import { flagBits, isCount, isGift, isHandle } from "./arguments.ts";
import type { NativeLibrary } from "./native-library.ts";
import { giftOf, reserveHandles, takeHandles } from "./parcels.ts";
import { statusFlags } from "./portals.ts";

/** For one library. */
export function twoPhaseFunctions(
  library: NativeLibrary,
): Pick<IpczAPI, "BeginPut" | "EndPut" | "BeginGet" | "EndGet"> {
  return { ...putFunctions(library), ...getFunctions(library) };
}

function putFunctions(library: NativeLibrary): Pick<IpczAPI, "BeginPut" | "EndPut"> {
  const { call } = library;
  return {
    BeginPut(portal, flags, _options, data, numBytes, transaction) {
      if (!isHandle(portal) || !transaction || !isCount(numBytes?.value ?? 0)) {
        return IPCZ_RESULT_INVALID_ARGUMENT;
      }
      return inFrame((frame) => {
        const [start, begun] = [frame.word(0), frame.word(0)];
        const bytes = frame.word(numBytes?.value ?? 0);
        const result = call.BeginPut(
          portal,
          flagBits(flags),
          null,
          start.address,
          bytes.address,
          begun.address,
        );
        if (result !== IPCZ_RESULT_OK) return result;
        transaction.value = wordAt(begun) as IpczTransaction;
        showBytes(start, wordAt(bytes), data);
        if (numBytes) numBytes.value = wordAt(bytes);
        return result;
      });
    },
    EndPut(portal, transaction, numBytesProduced, handles, numHandles, flags) {
      if (!isHandle(portal) || !isHandle(transaction)) return IPCZ_RESULT_INVALID_ARGUMENT;
      const aborts = (flags & IPCZ_END_PUT_ABORT) !== 0;
      const produced = aborts ? 0 : numBytesProduced;
      if (!isCount(produced) || !hasGift(handles, numHandles, aborts)) {
        return IPCZ_RESULT_INVALID_ARGUMENT;
      }
      const bits = flagBits(flags);
      if (!aborts && numHandles > 0 && isPeerClosed(library, portal)) {
        // Libraries until 2024 close attached objects when the peer is gone, though the handles stay with the caller.
        const ended = inFrame(() =>
          call.EndPut(portal, transaction, 0, null, 0, bits | IPCZ_END_PUT_ABORT, null),
        );
        return ended === IPCZ_RESULT_OK ? IPCZ_RESULT_NOT_FOUND : ended;
      }
      return inFrame((frame) => {
        const list = giftOf(frame, aborts ? null : handles, numHandles);
        const count = list === null ? 0 : numHandles;
        return call.EndPut(portal, transaction, produced, list, count, bits, null);
      });
    },
  };
}

/** An abort takes no handles, but wants an array where there is a count. */
function hasGift(
  handles: readonly IpczHandle[] | null,
  numHandles: number,
  aborts: boolean,
): boolean {
  if (aborts) return isCount(numHandles) && (handles !== null || numHandles === 0);
  return isGift(handles, numHandles);
}

function isPeerClosed(library: NativeLibrary, portal: IpczHandle): boolean {
  return (statusFlags(library, portal) & IPCZ_PORTAL_STATUS_PEER_CLOSED) !== 0;
}

function getFunctions(library: NativeLibrary): Pick<IpczAPI, "BeginGet" | "EndGet"> {
  const { call } = library;
  return {
    BeginGet(source, flags, _options, data, numBytes, handles, numHandles, transaction) {
      if (!isHandle(source) || !transaction) return IPCZ_RESULT_INVALID_ARGUMENT;
      return inFrame((frame) => {
        const [start, bytes, begun] = [frame.word(0), frame.word(0), frame.word(0)];
        const given = reserveHandles(frame, handles, numHandles);
        const result = call.BeginGet(
          source,
          flagBits(flags),
          null,
          start.address,
          bytes.address,
          given.list?.address ?? null,
          given.count?.address ?? null,
          begun.address,
        );
        if (result === IPCZ_RESULT_RESOURCE_EXHAUSTED) takeHandles(given, null, numHandles);
        // Libraries until 2024 do not tell a dead portal from an empty one.
        if (result === IPCZ_RESULT_UNAVAILABLE && isDead(library, source)) {
          return IPCZ_RESULT_NOT_FOUND;
        }
        if (result !== IPCZ_RESULT_OK) return result;
        transaction.value = wordAt(begun) as IpczTransaction;
        const size = wordAt(bytes);
        showBytes(start, size, data);
        if (numBytes) numBytes.value = size;
        takeHandles(given, handles, numHandles);
        return result;
      });
    },
    EndGet(source, transaction, flags, _options, parcel) {
      if (!isHandle(source) || !isHandle(transaction)) return IPCZ_RESULT_INVALID_ARGUMENT;
      return inFrame((frame) => {
        const object = parcel ? frame.word(0) : null;
        const bits = flagBits(flags);
        const result = call.EndGet(source, transaction, bits, null, object?.address ?? null);
        if (result === IPCZ_RESULT_OK && parcel && object) {
          const handle = wordAt(object);
          if (handle !== 0) parcel.value = handle as IpczHandle;
        }
        return result;
      });
    },
  };
}

function isDead(library: NativeLibrary, source: IpczHandle): boolean {
  return (statusFlags(library, source) & IPCZ_PORTAL_STATUS_DEAD) !== 0;
}

function showBytes(start: Place, numBytes: number, data: Out<Uint8Array | null> | null): void {
  if (data) data.value = numBytes > 0 ? viewBytes(wordAt(start), numBytes) : null;
}
