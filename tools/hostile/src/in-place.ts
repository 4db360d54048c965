/** Two-phase puts and gets: bytes written and read where they lie, which may be memory shared with the peer. */
import type { IpczHandle, IpczTransaction, Out } from "@ipcz/api";
import { getAPI } from "@ipcz/core";

const api = getAPI();
const HANDLES_MAX = 8;

/** What a parcel read in place was. */
export interface ReadInPlace {
  /** Of its bytes. Whoever shares the memory may have changed them. */
  readonly sum: number;
  readonly handles: readonly IpczHandle[];
}

/** The next parcel; null when there is none. */
export function readInPlace(portal: IpczHandle): ReadInPlace | null {
  const data: Out<Uint8Array | null> = { value: null };
  const numBytes: Out<number> = { value: 0 };
  const handles: IpczHandle[] = [];
  const numHandles: Out<number> = { value: HANDLES_MAX };
  const transaction: Out<IpczTransaction> = { value: 0 as IpczTransaction };
  const result = api.BeginGet(portal, 0, null, data, numBytes, handles, numHandles, transaction);
  if (result !== 0) return null;
  let sum = 0;
  for (const byte of data.value ?? []) sum += byte;
  api.EndGet(portal, transaction.value, 0, null, null);
  return { sum, handles: handles.slice(0, numHandles.value) };
}

/** Puts a parcel of `length` bytes, each `fill`; answers the result. */
export function putInPlace(portal: IpczHandle, length: number, fill: number): number {
  const data: Out<Uint8Array | null> = { value: null };
  const numBytes: Out<number> = { value: length };
  const transaction: Out<IpczTransaction> = { value: 0 as IpczTransaction };
  const result = api.BeginPut(portal, 0, null, data, numBytes, transaction);
  if (result !== 0) return result;
  data.value?.fill(fill, 0, length);
  return api.EndPut(portal, transaction.value, length, null, 0, 0, null);
}
