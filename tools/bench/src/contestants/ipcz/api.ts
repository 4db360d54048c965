/**
 * What the contestant needs of ipcz beyond single calls: results checked, parcels taken whole, portals listened to.
 */
import {
  type IpczAPI,
  type IpczHandle,
  IPCZ_RESULT_NAMES,
  IPCZ_RESULT_OK,
  IPCZ_RESULT_RESOURCE_EXHAUSTED,
  type IpczResult,
  IPCZ_RESULT_FAILED_PRECONDITION,
  IPCZ_TRAP_ABOVE_MIN_LOCAL_PARCELS,
  IPCZ_TRAP_CONDITIONS_SIZE,
  IPCZ_TRAP_DEAD,
  IPCZ_TRAP_REMOVED,
  type IpczTrapConditions,
  type IpczTrapEvent,
} from "@ipcz/api";
import { getAPI } from "@ipcz/core";

export const api: IpczAPI = getAPI();

export const NO_BYTES: Uint8Array = new Uint8Array(0);

/** There is something to read, or never will be. */
export const READABLE: IpczTrapConditions = {
  size: IPCZ_TRAP_CONDITIONS_SIZE,
  flags: IPCZ_TRAP_ABOVE_MIN_LOCAL_PARCELS | IPCZ_TRAP_DEAD,
  minLocalParcels: 0,
  minLocalBytes: 0,
};

export function check(result: IpczResult, what: string): void {
  if (result !== IPCZ_RESULT_OK) throw new Error(`${what}: ${IPCZ_RESULT_NAMES[result] ?? result}`);
}

export function openPair(node: IpczHandle): [IpczHandle, IpczHandle] {
  const first = { value: 0 as IpczHandle };
  const second = { value: 0 as IpczHandle };
  check(api.OpenPortals(node, 0, null, first, second), "open portals");
  return [first.value, second.value];
}

export function put(portal: IpczHandle, bytes: Uint8Array, handles: readonly IpczHandle[]): void {
  check(api.Put(portal, bytes, bytes.length, handles, handles.length, 0, null), "put");
}

export function close(handle: IpczHandle): void {
  check(api.Close(handle, 0, null), "close");
}

export interface Taken {
  readonly bytes: Uint8Array;
  readonly handles: IpczHandle[];
}

/** The next parcel of any size, or why there is none. */
export function take(portal: IpczHandle): Taken | IpczResult {
  const numBytes = { value: 0 };
  const numHandles = { value: 0 };
  const probe = api.Get(portal, 0, null, null, numBytes, null, numHandles, null);
  if (probe === IPCZ_RESULT_OK) return { bytes: NO_BYTES, handles: [] };
  if (probe !== IPCZ_RESULT_RESOURCE_EXHAUSTED) return probe;
  const bytes = new Uint8Array(numBytes.value);
  const handles: IpczHandle[] = [];
  check(api.Get(portal, 0, null, bytes, numBytes, handles, numHandles, null), "get");
  return { bytes, handles };
}

/** Calls `drain` now and whenever something can be read; it takes all there is, and answers false to hear no more. */
export function listen(portal: IpczHandle, drain: () => boolean): void {
  const onTrap = (event: IpczTrapEvent): void => {
    if ((event.conditionFlags & IPCZ_TRAP_REMOVED) === 0) again();
  };
  const again = (): void => {
    while (drain()) {
      const result = api.Trap(portal, READABLE, onTrap, null, 0, null, null, null);
      if (result === IPCZ_RESULT_OK) return;
      if (result !== IPCZ_RESULT_FAILED_PRECONDITION) check(result, "set a trap");
    }
  };
  again();
}
