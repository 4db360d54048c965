/**
 * Parcels: put, get and reject, in one call or in two phases.
 *
 * Byte buffers are `Uint8Array`; a count beside a buffer says how much of it is meant, from its start, as in C.
 */
import type { IpczContext, IpczHandle, IpczTransaction, Out } from "./handle.ts";
import type { IpczResult } from "./result.ts";

/** The parcel part of {@link IpczAPI}. */
export interface IpczParcelFunctions {
  /**
   * Puts a parcel into `portal`, for its peer to get.
   *
   * Bytes are copied during the call. On `OK` the attached handles belong to ipcz; on failure they stay the
   * caller's, untouched. Attachable are portals other than `portal` and its local peer, and boxes whose contents
   * can travel; a handle may be listed once.
   *
   * Checks in order (spec: api 2.3.7): not a portal, null buffer with a count, an unfit handle: `INVALID_ARGUMENT`;
   * peer closed or lost: `NOT_FOUND`. There is no quota: a put never fails because much is queued.
   */
  Put(
    portal: IpczHandle,
    data: Uint8Array | null,
    numBytes: number,
    handles: readonly IpczHandle[] | null,
    numHandles: number,
    flags: number,
    options: null,
  ): IpczResult;

  /**
   * Begins a two-phase put: gives memory to write a parcel into, where possible the memory it will travel in.
   *
   * Any number may be pending on one portal. The memory may be shared with the receiving process already, and its
   * content is unspecified. `INVALID_ARGUMENT`: not a portal, `transaction` null. `NOT_FOUND`: peer closed.
   *
   * @param flags `IPCZ_BEGIN_PUT_ALLOW_PARTIAL` allows less than asked for (never below the smaller of the request
   *   and 4088 bytes).
   * @param data receives the memory; valid until `EndPut`, or until the portal is closed or sent.
   * @param numBytes in: bytes wanted (null: 0); out: bytes given.
   * @param transaction receives a value for `EndPut`.
   */
  BeginPut(
    portal: IpczHandle,
    flags: number,
    options: null,
    data: Out<Uint8Array | null> | null,
    numBytes: Out<number> | null,
    transaction: Out<IpczTransaction> | null,
  ): IpczResult;

  /**
   * Ends a two-phase put; the parcel takes its place in the sequence now.
   *
   * `INVALID_ARGUMENT` (bad portal, transaction, handle, or more bytes than given) leaves the transaction pending.
   * `NOT_FOUND` (peer gone) ends it and leaves the handles with the caller.
   *
   * @param numBytesProduced bytes of the memory that make the parcel, from its start.
   * @param flags `IPCZ_END_PUT_ABORT` sends nothing.
   */
  EndPut(
    portal: IpczHandle,
    transaction: IpczTransaction,
    numBytesProduced: number,
    handles: readonly IpczHandle[] | null,
    numHandles: number,
    flags: number,
    options: null,
  ): IpczResult;

  /**
   * Takes the next parcel out of a portal, or reads a parcel object.
   *
   * Results for a portal, in order (spec: api 2.3.10): `NOT_FOUND` when it is dead, `UNAVAILABLE` when nothing can
   * be read yet, `INVALID_ARGUMENT` for a capacity without a buffer, `ALREADY_EXISTS` while an exclusive two-phase
   * get is pending, `RESOURCE_EXHAUSTED` when it does not fit (both counts are then set to what is needed, and
   * nothing is taken). With `IPCZ_GET_PARTIAL` what fits is taken; what does not is lost, unless `parcel` is given.
   *
   * Reading a parcel object always starts at its first byte and never consumes bytes; handles are moved out.
   *
   * @param data receives bytes; may be null when the capacity is 0.
   * @param numBytes in: capacity of `data` in bytes (null: 0); out: bytes written, or needed.
   * @param handles receives handles at 0…, owned by the caller; may be null when the capacity is 0.
   * @param numHandles in: capacity (null: 0); out: handles written, or needed.
   * @param parcel receives a parcel object with what was not taken; the caller owns it.
   */
  Get(
    source: IpczHandle,
    flags: number,
    options: null,
    data: Uint8Array | null,
    numBytes: Out<number> | null,
    handles: IpczHandle[] | null,
    numHandles: Out<number> | null,
    parcel: Out<IpczHandle> | null,
  ): IpczResult;

  /**
   * Begins a two-phase get: shows a parcel's bytes where they are, without copying.
   *
   * The bytes may be writable by the sending process at any time: copy before you check. Handles are moved to the
   * caller at once and for good, also when the get is aborted later. Only one exclusive get may be pending on a
   * portal; with `IPCZ_BEGIN_GET_OVERLAPPED` the parcel is dequeued now and any number may be.
   *
   * Results in order (spec: api 2.3.11): `INVALID_ARGUMENT`, `ALREADY_EXISTS`, `NOT_FOUND` (dead), `UNAVAILABLE`,
   * `RESOURCE_EXHAUSTED` (more handles than capacity; `numHandles` is set).
   *
   * @param data receives the bytes, null when there are none; valid until `EndGet`, or until the source is closed or
   *   sent.
   * @param numBytes receives their count.
   */
  BeginGet(
    source: IpczHandle,
    flags: number,
    options: null,
    data: Out<Uint8Array | null> | null,
    numBytes: Out<number> | null,
    handles: IpczHandle[] | null,
    numHandles: Out<number> | null,
    transaction: Out<IpczTransaction> | null,
  ): IpczResult;

  /**
   * Ends a two-phase get.
   *
   * An exclusive get dequeues its parcel now, or with `IPCZ_END_GET_ABORT` leaves it at the head (without the
   * handles already taken). An overlapped get that is aborted drops its parcel.
   *
   * @param parcel receives a parcel object with what is left; without it what is left is closed.
   */
  EndGet(
    source: IpczHandle,
    transaction: IpczTransaction,
    flags: number,
    options: null,
    parcel: Out<IpczHandle> | null,
  ): IpczResult;

  /**
   * Tells the driver that a parcel's content was unacceptable: `ReportBadTransportActivity` on the transport it
   * came by, with `context`. ipcz itself does nothing else; the parcel stays valid.
   *
   * `INVALID_ARGUMENT`: not a parcel object. `FAILED_PRECONDITION`: the parcel came from this node.
   */
  Reject(parcel: IpczHandle, context: IpczContext, flags: number, options: null): IpczResult;
}
