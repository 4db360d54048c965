/**
 * A two-phase put that has begun: memory to write a parcel into, where possible that in which it will travel.
 */
import {
  IPCZ_END_PUT_ABORT,
  IPCZ_NO_FLAGS,
  IPCZ_RESULT_INVALID_ARGUMENT,
  IPCZ_RESULT_NOT_FOUND,
  type IpczTransaction,
} from "@ipcz/api";
import { errorOf, expectOk, IpczError } from "../errors/ipcz-error.ts";
import { type Attachable, handOverAll, offerAll } from "./carried.ts";
import type { PortalState } from "./portal-state.ts";

/** Made by `Portal.beginPut`. Ended by `commit` or `abort`; by `abort` when it goes out of a `using` scope. */
export class PendingPut {
  readonly #portal: PortalState;
  readonly #transaction: IpczTransaction;
  #bytes: Uint8Array | null;

  /** @internal */
  constructor(portal: PortalState, transaction: IpczTransaction, bytes: Uint8Array) {
    this.#portal = portal;
    this.#transaction = transaction;
    this.#bytes = bytes;
  }

  /**
   * The memory. Its content is unspecified, and it may be shared with the receiving process already. Not to be used
   * once the put has ended: then it may be another parcel's.
   */
  get bytes(): Uint8Array {
    return this.#use();
  }

  /**
   * Puts the first `length` bytes of the memory, all by default, with these handles. When it throws, the handles stay
   * the caller's; unless the peer is gone (`ERR_IPCZ_NOT_FOUND`), the put is still pending.
   */
  commit(length: number = this.#use().length, handles: readonly Attachable[] = []): void {
    if (!(length >= 0 && length <= this.#use().length))
      throw new RangeError(`the pending put has ${this.#use().length} bytes, not ${length}`);
    const list = offerAll(handles);
    const { api } = this.#portal.context;
    const portal = this.#portal.use("end a put");
    const result = api.EndPut(
      portal,
      this.#transaction,
      length,
      list,
      list.length,
      IPCZ_NO_FLAGS,
      null,
    );
    if (result === IPCZ_RESULT_NOT_FOUND) this.#bytes = null;
    expectOk(result, "end a put");
    this.#bytes = null;
    handOverAll(handles);
  }

  /** Puts nothing. When it has ended before, nothing happens. */
  abort(): void {
    if (!this.#bytes) return;
    this.#bytes = null;
    // With its portal it has ended as well.
    if (this.#portal.end !== null) return;
    const { api } = this.#portal.context;
    const { handle } = this.#portal;
    const result = api.EndPut(handle, this.#transaction, 0, null, 0, IPCZ_END_PUT_ABORT, null);
    if (result === IPCZ_RESULT_INVALID_ARGUMENT) throw errorOf(result, "abort a put");
  }

  /** As `abort`. */
  [Symbol.dispose](): void {
    this.abort();
  }

  #use(): Uint8Array {
    if (this.#bytes && this.#portal.end === null) return this.#bytes;
    throw new IpczError("ERR_IPCZ_CLOSED", "the pending put has ended");
  }
}
