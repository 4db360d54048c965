/**
 * Portals: the ends of a pair, and what can be asked of them besides parcels and traps.
 */
import type { IpczHandle, Out } from "./handle.ts";
import type { IpczResult } from "./result.ts";

/** What a portal knows about itself and its peer. C: `IpczPortalStatus`. */
export interface IpczPortalStatus {
  /** In: {@link IPCZ_PORTAL_STATUS_SIZE} or more; less is refused. Out: the smaller of the two. */
  size: number;
  /** `IPCZ_PORTAL_STATUS_*` bits. They are never cleared once set. */
  flags: number;
  /** Parcels that can be taken now; the one of a pending exclusive get counts. */
  numLocalParcels: number;
  /** Bytes in those parcels, subparcels and handles not counted. */
  numLocalBytes: number;
}

/** The portal part of {@link IpczAPI}. */
export interface IpczPortalFunctions {
  /**
   * Opens a pair of portals that are each other's peer.
   *
   * `INVALID_ARGUMENT` when `node` is not a node or an output is null.
   *
   * @param portal0 @param portal1 receive the ends; the caller owns both.
   */
  OpenPortals(
    node: IpczHandle,
    flags: number,
    options: null,
    portal0: Out<IpczHandle> | null,
    portal1: Out<IpczHandle> | null,
  ): IpczResult;

  /**
   * Joins two routes: with pairs A–B and C–D, merging B and C makes A and D peers.
   *
   * Parcels queued in either are passed on in order. `INVALID_ARGUMENT` when a handle is no portal, both are the
   * same or each other's local peer; `FAILED_PRECONDITION` when a parcel was ever put into or taken from either.
   * On `OK` both handles are consumed, their traps fire `IPCZ_TRAP_REMOVED`; on failure nothing has changed.
   */
  MergePortals(first: IpczHandle, second: IpczHandle, flags: number, options: null): IpczResult;

  /**
   * Writes a snapshot of the portal's status.
   *
   * `INVALID_ARGUMENT` when `portal` is no portal, or `status` null or too small.
   */
  QueryPortalStatus(
    portal: IpczHandle,
    flags: number,
    options: null,
    status: IpczPortalStatus | null,
  ): IpczResult;
}
