/**
 * A two-phase get that has begun: a parcel's bytes where they lie, without a copy.
 */
import {
  IPCZ_END_GET_ABORT,
  IPCZ_INVALID_HANDLE,
  IPCZ_NO_FLAGS,
  IPCZ_BEGIN_GET_OVERLAPPED,
  IPCZ_RESULT_NOT_FOUND,
  IPCZ_RESULT_OK,
  IPCZ_RESULT_RESOURCE_EXHAUSTED,
  IPCZ_RESULT_UNAVAILABLE,
  type IpczHandle,
  type IpczTransaction,
} from "@ipcz/api";
import { expectOk, IpczError } from "../errors/ipcz-error.ts";
import type { PortalState } from "./portal-state.ts";
import { noBytes, noHandles } from "./raw-parcel.ts";

/** What a two-phase get has found. */
export interface BegunGet {
  readonly transaction: IpczTransaction;
  readonly bytes: Uint8Array;
  readonly handles: readonly IpczHandle[];
}

/** Begins a get; null when there is nothing to get now, or nothing more. */
export function beginGet(portal: PortalState, overlapped: boolean): BegunGet | null {
  const { api } = portal.context;
  const source = portal.use("get a parcel");
  const flags = overlapped ? IPCZ_BEGIN_GET_OVERLAPPED : IPCZ_NO_FLAGS;
  const data = { value: null };
  const numBytes = { value: 0 };
  const numHandles = { value: 0 };
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- filled in by the call
  const transaction = { value: 0 as IpczTransaction };
  let handles: IpczHandle[] | null = null;
  let result = api.BeginGet(source, flags, null, data, numBytes, null, numHandles, transaction);
  if (result === IPCZ_RESULT_RESOURCE_EXHAUSTED) {
    handles = Array.from({ length: numHandles.value }, () => IPCZ_INVALID_HANDLE);
    result = api.BeginGet(source, flags, null, data, numBytes, handles, numHandles, transaction);
  }
  if (result === IPCZ_RESULT_UNAVAILABLE || result === IPCZ_RESULT_NOT_FOUND) return null;
  expectOk(result, "begin a get");
  const bytes = data.value ?? noBytes;
  return { transaction: transaction.value, bytes, handles: handles ?? noHandles };
}

/**
 * Made by `Portal.beginGet`. Ended by `commit` or `abort`; by `commit` when it goes out of a `using` scope.
 *
 * The attached portals and boxes are the program's from the beginning, also after `abort`.
 */
export class PendingGet<Handle> {
  readonly #portal: PortalState;
  readonly #transaction: IpczTransaction;
  #bytes: Uint8Array | null;
  /** What came with the parcel, in order. */
  readonly handles: readonly Handle[];

  /** @internal */
  constructor(portal: PortalState, begun: BegunGet, handles: readonly Handle[]) {
    this.#portal = portal;
    this.#transaction = begun.transaction;
    this.#bytes = begun.bytes;
    this.handles = handles;
  }

  /**
   * The parcel's bytes, which the sending process may be able to change at any time: copy before you check. Not to be
   * used once the get has ended: then they may be another parcel's.
   */
  get bytes(): Uint8Array {
    if (this.#bytes && this.#portal.end === null) return this.#bytes;
    throw new IpczError("ERR_IPCZ_CLOSED", "the pending get has ended");
  }

  /** The parcel has been read and is gone. */
  commit(): void {
    this.#end(IPCZ_NO_FLAGS);
  }

  /** Leaves the parcel (without its handles) to be got again; an overlapped get drops it. */
  abort(): void {
    this.#end(IPCZ_END_GET_ABORT);
  }

  /** As `commit`. */
  [Symbol.dispose](): void {
    this.commit();
  }

  #end(flags: number): void {
    if (!this.#bytes) return;
    this.#bytes = null;
    if (this.#portal.end !== null) return;
    const { api } = this.#portal.context;
    const result = api.EndGet(this.#portal.handle, this.#transaction, flags, null, null);
    if (result !== IPCZ_RESULT_OK) expectOk(result, "end a get");
    this.#portal.pump();
  }
}
