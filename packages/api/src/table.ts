/**
 * `IpczAPI`: the 16 functions in ABI order.
 *
 * Each is described where its subject is: nodes, portals, parcels, traps, boxes. All of them may be called from
 * within trap handlers, driver functions and serializers. None waits for another node.
 */
import type { IpczBoxFunctions } from "./box.ts";
import type { IpczHandle } from "./handle.ts";
import type { IpczNodeFunctions } from "./node.ts";
import type { IpczParcelFunctions } from "./parcel.ts";
import type { IpczPortalFunctions } from "./portal.ts";
import type { IpczResult } from "./result.ts";
import type { IpczTrapFunctions } from "./trap.ts";

/** Closing, for every kind of handle. */
export interface IpczCloseFunction {
  /**
   * Ends the object and consumes the handle.
   *
   * - A portal: what was put still travels, then the peer sees it closed. Its traps fire `IPCZ_TRAP_REMOVED`, unread
   *   parcels and what is attached to them are closed, pending transactions end.
   * - A node: its links are dropped, so that portals on them see their peer closed. Its own portals stay and must be
   *   closed by their owners.
   * - A box: its contents are closed, or destroyed by the destructor.
   * - A parcel object: one handle to it is gone; with the last one what is still attached is closed.
   *
   * `INVALID_ARGUMENT`: 0, a listener, or a handle that names nothing (any more).
   */
  Close(handle: IpczHandle, flags: number, options: null): IpczResult;
}

/** The table. C: `IpczAPI`. */
export interface IpczAPI
  extends
    IpczCloseFunction,
    IpczNodeFunctions,
    IpczPortalFunctions,
    IpczParcelFunctions,
    IpczTrapFunctions,
    IpczBoxFunctions {
  /** {@link IPCZ_API_SIZE}. */
  readonly size: number;
}

/** The names of the 16 functions of {@link IpczAPI}, in ABI order. */
export const IPCZ_API_FUNCTIONS: readonly (keyof Omit<IpczAPI, "size">)[] = [
  "Close",
  "CreateNode",
  "ConnectNode",
  "OpenPortals",
  "MergePortals",
  "QueryPortalStatus",
  "Put",
  "BeginPut",
  "EndPut",
  "Get",
  "BeginGet",
  "EndGet",
  "Trap",
  "Reject",
  "Box",
  "Unbox",
];
