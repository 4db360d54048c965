/**
 * BeginPut, EndPut, BeginGet, EndGet for native callers.
 */
import {
  IPCZ_INVALID_HANDLE,
  IPCZ_RESULT_INVALID_ARGUMENT,
  IPCZ_RESULT_NOT_FOUND,
  IPCZ_RESULT_OK,
  IPCZ_RESULT_RESOURCE_EXHAUSTED,
  type IpczHandle,
  type IpczTransaction,
  type Out,
} from "@ipcz/api";
import { cellAt, emptyCellAt, writeCell } from "../border/cells.ts";
import { writeWordAt, writeWords } from "../border/native-memory.ts";
import type { ApiCallees } from "./callees.ts";
import { areBytes, areElements } from "./counts.ts";
import type { Export } from "./export.ts";
import { givenHandles } from "./parcel-callees.ts";

type Callees = Pick<ApiCallees, "BeginPut" | "EndPut" | "BeginGet" | "EndGet">;

/** For one export. */
export function twoPhaseCallees(own: Export): Callees {
  return { ...putCallees(own), ...getCallees(own) };
}

function putCallees(own: Export): Pick<Callees, "BeginPut" | "EndPut"> {
  const { api } = own;
  return {
    BeginPut(
      portal: IpczHandle,
      flags: number,
      _options: number,
      dataAt: number,
      numBytesAt: number,
      transactionAt: number,
    ) {
      const data: Out<Uint8Array | null> = { value: null };
      const numBytes = cellAt(numBytesAt);
      if (numBytes !== null && !areBytes(numBytes.value)) return IPCZ_RESULT_INVALID_ARGUMENT;
      const transaction = emptyCellAt(transactionAt, 0 as IpczTransaction);
      const result = api.BeginPut(portal, flags, null, data, numBytes, transaction);
      if (result !== IPCZ_RESULT_OK || transaction === null) return result;
      const address = own.show(portal, transaction.value, data.value);
      if (dataAt !== 0) writeWordAt(dataAt, address);
      writeCell(numBytesAt, numBytes);
      writeCell(transactionAt, transaction);
      return result;
    },
    EndPut(
      portal: IpczHandle,
      transaction: IpczTransaction,
      numBytesProduced: number,
      handlesAt: number,
      numHandles: number,
      flags: number,
    ) {
      if (!areElements(numHandles)) return IPCZ_RESULT_INVALID_ARGUMENT;
      const handles = givenHandles(handlesAt, numHandles);
      const result = api.EndPut(
        portal,
        transaction,
        numBytesProduced,
        handles,
        numHandles,
        flags,
        null,
      );
      if (result === IPCZ_RESULT_OK || result === IPCZ_RESULT_NOT_FOUND) {
        own.unshow(portal, transaction);
      }
      if (result === IPCZ_RESULT_OK && handles !== null) own.gone(...handles);
      return result;
    },
  };
}

function getCallees(own: Export): Pick<Callees, "BeginGet" | "EndGet"> {
  const { api } = own;
  return {
    BeginGet(
      source: IpczHandle,
      flags: number,
      _options: number,
      dataAt: number,
      numBytesAt: number,
      handlesAt: number,
      numHandlesAt: number,
      transactionAt: number,
    ) {
      const data: Out<Uint8Array | null> = { value: null };
      const numBytes = emptyCellAt(numBytesAt, 0);
      const handles: IpczHandle[] | null = handlesAt === 0 ? null : [];
      const numHandles = cellAt(numHandlesAt);
      const transaction = emptyCellAt(transactionAt, 0 as IpczTransaction);
      const result = api.BeginGet(
        source,
        flags,
        null,
        data,
        numBytes,
        handles,
        numHandles,
        transaction,
      );
      if (result === IPCZ_RESULT_RESOURCE_EXHAUSTED) writeCell(numHandlesAt, numHandles);
      if (result !== IPCZ_RESULT_OK || transaction === null) return result;
      const address = own.show(source, transaction.value, data.value);
      if (dataAt !== 0) writeWordAt(dataAt, address);
      writeCell(numBytesAt, numBytes);
      writeCell(numHandlesAt, numHandles);
      if (handles !== null) writeWords(handlesAt, handles, numHandles?.value ?? 0);
      writeCell(transactionAt, transaction);
      return result;
    },
    EndGet(
      source: IpczHandle,
      transaction: IpczTransaction,
      flags: number,
      _options: number,
      parcelAt: number,
    ) {
      const parcel = emptyCellAt(parcelAt, IPCZ_INVALID_HANDLE);
      const result = api.EndGet(source, transaction, flags, null, parcel);
      if (result !== IPCZ_RESULT_OK) return result;
      own.unshow(source, transaction);
      if (parcel !== null && parcel.value !== IPCZ_INVALID_HANDLE) writeCell(parcelAt, parcel);
      return result;
    },
  };
}
