/**
 * The 16 functions in contract order: each enters a turn, and hands over to the file of its subject.
 */
import {
  type IpczAPI,
  IPCZ_API_FUNCTIONS,
  IPCZ_API_SIZE,
  type IpczHandle,
  IPCZ_RESULT_INVALID_ARGUMENT,
  IPCZ_RESULT_OK,
  type IpczResult,
} from "@ipcz/api";
import type { NetworkObserver } from "../base/network-events.ts";
import { portalBacklog, watchBacklog } from "./backlog.ts";
import { box, unbox } from "./boxes.ts";
import { Core } from "./core.ts";
import { get, reject } from "./get.ts";
import { watchHandshake } from "./handshake.ts";
import { connectNode, createNode } from "./nodes.ts";
import { mergePortals, openPortals, queryPortalStatus } from "./portals.ts";
import { beginPut, endPut, put } from "./put.ts";
import { trap } from "./traps.ts";
import { beginGet, endGet } from "./two-phase-get.ts";

/** Makes a table of its own over `core`. */
export function makeTable(core: Core): IpczAPI {
  return Object.freeze({
    size: IPCZ_API_SIZE,
    Close: (handle) => core.call(() => core.close(handle)),
    CreateNode: (driver, flags, options, node) =>
      core.call(() => createNode(core, driver, flags, options, node)),
    ConnectNode: (node, transport, numInitialPortals, flags, _options, initialPortals) =>
      core.call(() => connectNode(core, node, transport, numInitialPortals, flags, initialPortals)),
    OpenPortals: (node, _flags, _options, portal0, portal1) =>
      core.call(() => openPortals(core, node, portal0, portal1)),
    MergePortals: (first, second) => core.call(() => mergePortals(core, first, second)),
    QueryPortalStatus: (portal, _flags, _options, status) =>
      queryPortalStatus(core, portal, status),
    ...parcelFunctions(core),
    Reject: (parcel, context) => core.call(() => reject(core, parcel, context)),
    Box: (node, contents, _flags, _options, handle) =>
      core.call(() => box(core, node, contents, handle)),
    Unbox: (handle, flags, _options, contents) =>
      core.call(() => unbox(core, handle, flags, contents)),
  } satisfies IpczAPI);
}

/** What is called for every parcel enters the turn by hand, without a closure. */
function parcelFunctions(
  core: Core,
): Pick<IpczAPI, "Put" | "BeginPut" | "EndPut" | "Get" | "BeginGet" | "EndGet" | "Trap"> {
  const { turn } = core;
  return {
    Put(portal, data, numBytes, handles, numHandles) {
      turn.enterCall();
      try {
        return put(core, portal, data, numBytes, handles, numHandles);
      } finally {
        turn.leaveCall();
      }
    },
    BeginPut: (portal, flags, _options, data, numBytes, transaction) =>
      core.call(() => beginPut(core, portal, flags, data, numBytes, transaction)),
    EndPut(portal, transaction, numBytesProduced, handles, numHandles, flags) {
      turn.enterCall();
      try {
        return endPut(core, portal, transaction, numBytesProduced, handles, numHandles, flags);
      } finally {
        turn.leaveCall();
      }
    },
    Get(source, flags, _options, data, numBytes, handles, numHandles, parcel) {
      turn.enterCall();
      try {
        return get(core, source, flags, data, numBytes, handles, numHandles, parcel);
      } finally {
        turn.leaveCall();
      }
    },
    BeginGet(source, flags, _options, data, numBytes, handles, numHandles, transaction) {
      turn.enterCall();
      try {
        return beginGet(core, source, flags, { data, numBytes, handles, numHandles, transaction });
      } finally {
        turn.leaveCall();
      }
    },
    Trap(portal, conditions, handler, context, _flags, _options, satisfied, status) {
      turn.enterCall();
      try {
        return trap(core, portal, conditions, handler, context, satisfied, status);
      } finally {
        turn.leaveCall();
      }
    },
    EndGet: (source, transaction, flags, _options, parcel) =>
      core.call(() => endGet(core, source, transaction, flags, parcel)),
  };
}

/** The core of this module's own table: what handles of getAPI() mean. */
export const processCore: Core = new Core(Math.random());

const processTable = makeTable(processCore);

/**
 * The table of this implementation: the same object every time, good for any number of nodes.
 *
 * Handles it gives are its own; those of another table (a native library's, say) are refused.
 */
export function getAPI(): IpczAPI {
  return processTable;
}

/** What IpczGetAPI fills in: a table of which the caller has set `size` only. */
export type IpczAPITarget = { -readonly [K in keyof IpczAPI]?: IpczAPI[K] };

/**
 * As the C function: fills `api`, whose `size` says how much room there is.
 *
 * `INVALID_ARGUMENT`, and `api` untouched, when it is null or its size below {@link IPCZ_API_SIZE} (spec: api 1.5).
 */
export function IpczGetAPI(api: IpczAPITarget | null): IpczResult {
  if (!api || !((api.size ?? 0) >= IPCZ_API_SIZE)) return IPCZ_RESULT_INVALID_ARGUMENT;
  for (const name of IPCZ_API_FUNCTIONS) Object.assign(api, { [name]: processTable[name] });
  api.size = IPCZ_API_SIZE;
  return IPCZ_RESULT_OK;
}

/**
 * Bytes that wait in this process before the next parcel of `portal` can leave: of its own parcels while the route has
 * no link yet, and of all messages to the node they go to. 0 for what is no portal, for one whose peer is on this node,
 * and under a driver that cannot tell. Not part of the C ABI.
 *
 * Put never refuses because of it: what is put is delivered. A sender that may outrun its peer looks here, and waits
 * with {@link watchPortalBacklog}. Parcels that have arrived and are not read are not counted.
 */
export function getPortalBacklog(portal: IpczHandle): number {
  return portalBacklog(processCore, portal);
}

/**
 * Calls `handler` once when at most `numBytes` bytes wait, or when nothing more can be put or reach anybody: the portal
 * was closed, merged or has left this node, or its peer is closed or lost. It may do anything, as a trap handler may.
 *
 * @returns `OK`: it will be called. `FAILED_PRECONDITION`: that is so already, and `handler` is not kept.
 * `INVALID_ARGUMENT`: no portal of this table, no function, or less than 0 bytes.
 */
export function watchPortalBacklog(
  portal: IpczHandle,
  numBytes: number,
  handler: () => void,
): IpczResult {
  return processCore.call(() => watchBacklog(processCore, portal, numBytes, handler));
}

/**
 * Calls `handler` once, when the two nodes of a ConnectNode that gave `portal` have agreed, or never will. It may do
 * anything, as a trap handler may. Not part of the C ABI.
 *
 * @returns `OK`: it will be called. `FAILED_PRECONDITION`: no handshake is under way for that portal, since it ended or
 * never was, and `handler` is not kept. `INVALID_ARGUMENT`: no portal of this table, or no function.
 */
export function watchPortalHandshake(
  portal: IpczHandle,
  handler: (connected: boolean) => void,
): IpczResult {
  return processCore.call(() => watchHandshake(processCore, portal, handler));
}

/**
 * From now on `observer` is told of what happens between the nodes of this table and others; null: nobody is. Told in
 * the middle of changes: it may take notes, and must neither throw nor call anything of ipcz. Not part of the C ABI.
 *
 * @returns who was told before.
 */
export function setNetworkObserver(observer: NetworkObserver | null): NetworkObserver | null {
  const { events } = processCore.world;
  const before = events.observer;
  events.observer = observer;
  return before;
}
