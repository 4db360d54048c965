/**
 * The calls of the table that take cells for their outputs, as functions that return them.
 *
 * They check nothing and hide no result: a suite that expects a failure reads `result`. Whoever wants only success
 * wraps them in `checkResult`.
 */
import {
  IPCZ_BOX_CONTENTS_SIZE,
  IPCZ_BOX_TYPE_DRIVER_OBJECT,
  IPCZ_INVALID_DRIVER_HANDLE,
  IPCZ_INVALID_HANDLE,
  IPCZ_PORTAL_STATUS_SIZE,
  IPCZ_RESULT_OK,
  IPCZ_RESULT_RESOURCE_EXHAUSTED,
  IPCZ_TRAP_CONDITIONS_SIZE,
  type IpczAPI,
  type IpczBoxContents,
  type IpczDriver,
  type IpczDriverHandle,
  type IpczHandle,
  type IpczPortalStatus,
  type IpczResult,
  type IpczTransaction,
  type IpczTrapConditions,
  type IpczTrapEventHandler,
  type Out,
} from "@ipcz/api";

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** Text as the bytes of a parcel. */
export function bytesOf(text: string): Uint8Array {
  return encoder.encode(text);
}

/** The bytes of a parcel as text; copied first, since a two-phase get may show shared memory. */
export function textOf(bytes: Uint8Array | null): string {
  return bytes === null ? "" : decoder.decode(bytes.slice());
}

/** A cell holding `IPCZ_INVALID_HANDLE`. */
export function handleCell(): Out<IpczHandle> {
  return { value: IPCZ_INVALID_HANDLE };
}

/** A cell holding `IPCZ_INVALID_DRIVER_HANDLE`. */
export function driverCell(): Out<IpczDriverHandle> {
  return { value: IPCZ_INVALID_DRIVER_HANDLE };
}

/** A cell for a transaction, holding 0. */
export function transactionCell(): Out<IpczTransaction> {
  return { value: 0 as IpczTransaction };
}

/** A status of full size, filled with values that no call writes. */
export function emptyStatus(): IpczPortalStatus {
  return { size: IPCZ_PORTAL_STATUS_SIZE, flags: -1, numLocalParcels: -1, numLocalBytes: -1 };
}

/** Contents of full size that say nothing. */
export function emptyContents(): IpczBoxContents {
  return {
    size: IPCZ_BOX_CONTENTS_SIZE,
    type: IPCZ_BOX_TYPE_DRIVER_OBJECT,
    driverObject: IPCZ_INVALID_DRIVER_HANDLE,
    applicationObject: 0,
    subparcel: IPCZ_INVALID_HANDLE,
    serializer: null,
    destructor: null,
  };
}

/** Conditions of full size. */
export function conditions(
  flags: number,
  minLocalParcels = 0,
  minLocalBytes = 0,
): IpczTrapConditions {
  return { size: IPCZ_TRAP_CONDITIONS_SIZE, flags, minLocalParcels, minLocalBytes };
}

/** Opens a pair. */
export function openPortals(
  api: IpczAPI,
  node: IpczHandle,
): { result: IpczResult; pair: [IpczHandle, IpczHandle] } {
  const left = handleCell();
  const right = handleCell();
  const result = api.OpenPortals(node, 0, null, left, right);
  return { result, pair: [left.value, right.value] };
}

/** Puts text or bytes, with handles. */
export function put(
  api: IpczAPI,
  portal: IpczHandle,
  data: string | Uint8Array,
  handles: readonly IpczHandle[] = [],
): IpczResult {
  const bytes = typeof data === "string" ? bytesOf(data) : data;
  return api.Put(portal, bytes, bytes.length, handles, handles.length, 0, null);
}

/** What a get gave. */
export interface Received {
  readonly result: IpczResult;
  readonly bytes: Uint8Array;
  readonly handles: readonly IpczHandle[];
}

/** Gets a whole parcel: asks for its size first, then fetches it (spec: api 5.10). */
export function get(api: IpczAPI, source: IpczHandle): Received {
  const numBytes = { value: 0 };
  const numHandles = { value: 0 };
  let bytes = new Uint8Array(0);
  const handles: IpczHandle[] = [];
  let result = api.Get(source, 0, null, null, numBytes, null, numHandles, null);
  if (result === IPCZ_RESULT_RESOURCE_EXHAUSTED) {
    bytes = new Uint8Array(numBytes.value);
    result = api.Get(source, 0, null, bytes, numBytes, handles, numHandles, null);
  }
  if (result !== IPCZ_RESULT_OK) return { result, bytes: new Uint8Array(0), handles: [] };
  return {
    result,
    bytes: bytes.subarray(0, numBytes.value),
    handles: handles.slice(0, numHandles.value),
  };
}

/** A portal's status; `result` tells whether it was written. */
export function queryStatus(
  api: IpczAPI,
  portal: IpczHandle,
): { result: IpczResult; status: IpczPortalStatus } {
  const status = emptyStatus();
  return { result: api.QueryPortalStatus(portal, 0, null, status), status };
}

/** What `Trap` answered, and what it wrote when a condition held already. */
export interface Trapped {
  readonly result: IpczResult;
  readonly satisfied: number;
  readonly status: IpczPortalStatus;
}

/** Sets a trap with context 0. */
export function trap(
  api: IpczAPI,
  portal: IpczHandle,
  wanted: IpczTrapConditions,
  handler: IpczTrapEventHandler,
): Trapped {
  const satisfied = { value: -1 };
  const status = emptyStatus();
  const result = api.Trap(portal, wanted, handler, 0, 0, null, satisfied, status);
  return { result, satisfied: satisfied.value, status };
}

/** A two-phase put begun. */
export function beginPut(
  api: IpczAPI,
  portal: IpczHandle,
  numBytes: number,
  flags = 0,
): {
  result: IpczResult;
  data: Uint8Array | null;
  numBytes: number;
  transaction: IpczTransaction;
} {
  const data: Out<Uint8Array | null> = { value: null };
  const size = { value: numBytes };
  const transaction = transactionCell();
  const result = api.BeginPut(portal, flags, null, data, size, transaction);
  return { result, data: data.value, numBytes: size.value, transaction: transaction.value };
}

/** What `BeginGet` answered and wrote; `numHandles` also when the capacity was too small. */
export interface GetBegun {
  readonly result: IpczResult;
  readonly data: Uint8Array | null;
  readonly numBytes: number;
  readonly handles: readonly IpczHandle[];
  readonly numHandles: number;
  readonly transaction: IpczTransaction;
}

/** A two-phase get begun, with room for `capacity` handles; null passes no handle count at all. */
export function beginGet(
  api: IpczAPI,
  source: IpczHandle,
  capacity: number | null = null,
  flags = 0,
): GetBegun {
  const data: Out<Uint8Array | null> = { value: null };
  const numBytes = { value: 0 };
  const handles: IpczHandle[] = [];
  const numHandles = capacity === null ? null : { value: capacity };
  const transaction = transactionCell();
  const result = api.BeginGet(
    source,
    flags,
    null,
    data,
    numBytes,
    capacity === null || capacity === 0 ? null : handles,
    numHandles,
    transaction,
  );
  const count = numHandles?.value ?? 0;
  return {
    result,
    data: data.value,
    numBytes: numBytes.value,
    handles: result === IPCZ_RESULT_OK ? handles.slice(0, count) : [],
    numHandles: count,
    transaction: transaction.value,
  };
}

/** Two connected transports of one driver, made as an application makes its first pair. */
export function createTransports(driver: IpczDriver): {
  result: IpczResult;
  pair: [IpczDriverHandle, IpczDriverHandle];
} {
  const left = driverCell();
  const right = driverCell();
  const none = IPCZ_INVALID_DRIVER_HANDLE;
  const result = driver.CreateTransports(none, none, 0, null, left, right);
  return { result, pair: [left.value, right.value] };
}
