/**
 * What one exported table has given to native code and must keep.
 */
import type { IpczAPI, IpczHandle, IpczTransaction, IpczTrapEventHandler } from "@ipcz/api";
import { foreign } from "../ffi/koffi.ts";
import { trapHandlerAt } from "./native-handlers.ts";

/** One export. */
export class Export {
  readonly api: IpczAPI;
  private released = false;
  /** Memory of two-phase puts and gets; native code has its address until the transaction or its object ends. */
  private readonly shown = new Map<IpczHandle, Map<IpczTransaction, Uint8Array>>();
  private readonly trapHandlers = new Map<number, IpczTrapEventHandler>();

  constructor(api: IpczAPI) {
    this.api = api;
  }

  get isReleased(): boolean {
    return this.released;
  }

  release(): void {
    this.released = true;
    this.shown.clear();
    this.trapHandlers.clear();
  }

  /** Keeps `bytes` where they are until the transaction ends; answers with the address. */
  show(of: IpczHandle, transaction: IpczTransaction, bytes: Uint8Array | null): number {
    if (bytes === null || bytes.length === 0) return 0;
    const pending = this.shown.get(of) ?? new Map<IpczTransaction, Uint8Array>();
    this.shown.set(of, pending.set(transaction, bytes));
    return Number(foreign.address(bytes));
  }

  /** The transaction has ended. */
  unshow(of: IpczHandle, transaction: IpczTransaction): void {
    const pending = this.shown.get(of);
    pending?.delete(transaction);
    if (pending?.size === 0) this.shown.delete(of);
  }

  /** These handles are no longer native code's, and what was begun on them has ended. */
  gone(...handles: readonly IpczHandle[]): void {
    if (this.shown.size === 0) return;
    for (const handle of handles) this.shown.delete(handle);
  }

  /** The native handler at `address`; null for none. */
  trapHandler(address: number): IpczTrapEventHandler | null {
    if (address === 0) return null;
    const known = this.trapHandlers.get(address) ?? trapHandlerAt(address, () => this.released);
    this.trapHandlers.set(address, known);
    return known;
  }
}
