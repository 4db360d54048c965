/**
 * What calls of a table cost that JavaScript makes: of our own, of one behind the border, and of ours there and back.
 */
import {
  type IpczAPI,
  IPCZ_CREATE_NODE_AS_BROKER,
  IPCZ_INVALID_HANDLE,
  IPCZ_PORTAL_STATUS_SIZE,
  IPCZ_TRAP_CONDITIONS_SIZE,
  IPCZ_TRAP_NEW_LOCAL_PARCEL,
  type IpczHandle,
  type IpczTrapConditions,
} from "@ipcz/api";
import { memDriver } from "@ipcz/driver-mem";
import type { Row, Stopwatch } from "./timing.ts";

const BYTES = 64;

/** Conditions with these flags and nothing else. */
export function trapOn(flags: number): IpczTrapConditions {
  return { size: IPCZ_TRAP_CONDITIONS_SIZE, flags, minLocalParcels: 0, minLocalBytes: 0 };
}

/** For traps that only have to fire. */
export function ignoreEvent(): void {}

/** A portal of a new node of `api`, and its peer. `close` ends all three. */
export function openPair(api: IpczAPI): {
  readonly left: IpczHandle;
  readonly right: IpczHandle;
  readonly close: () => void;
} {
  const node = { value: IPCZ_INVALID_HANDLE };
  const [left, right] = [{ value: IPCZ_INVALID_HANDLE }, { value: IPCZ_INVALID_HANDLE }];
  api.CreateNode(memDriver({ schedule: "sync" }), IPCZ_CREATE_NODE_AS_BROKER, null, node);
  api.OpenPortals(node.value, 0, null, left, right);
  return {
    left: left.value,
    right: right.value,
    close: () => {
      for (const handle of [left.value, right.value, node.value]) api.Close(handle, 0, null);
    },
  };
}

/** What it costs to look at a portal of `api` and to use it; `name` says whose table that is. */
export async function measureTable(watch: Stopwatch, name: string, api: IpczAPI): Promise<Row[]> {
  const { left, right, close } = openPair(api);
  const status = { size: IPCZ_PORTAL_STATUS_SIZE, flags: 0, numLocalParcels: 0, numLocalBytes: 0 };
  const data = new Uint8Array(BYTES);
  const numBytes = { value: BYTES };
  const conditions = trapOn(IPCZ_TRAP_NEW_LOCAL_PARCEL);
  const putAndGet = (): void => {
    api.Put(left, data, BYTES, null, 0, 0, null);
    numBytes.value = BYTES;
    api.Get(right, 0, null, data, numBytes, null, null, null);
  };
  const rows = [
    {
      what: `${name}: QueryPortalStatus`,
      timing: await watch.timeCalls(5000, () => api.QueryPortalStatus(left, 0, null, status)),
    },
    {
      what: `${name}: Put and Get of ${String(BYTES)} bytes`,
      timing: await watch.timeCalls(2500, putAndGet),
    },
    {
      what: `${name}: the same with a trap that fires`,
      timing: await watch.timeCalls(2500, () => {
        api.Trap(right, conditions, ignoreEvent, 0, 0, null, null, null);
        putAndGet();
      }),
    },
  ];
  close();
  return rows;
}
