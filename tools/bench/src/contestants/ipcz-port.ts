/**
 * A portal as a port: puts, and gets what there is whenever its trap fires.
 */
import {
  type IpczAPI,
  type IpczHandle,
  IPCZ_RESULT_OK,
  IPCZ_RESULT_RESOURCE_EXHAUSTED,
  IPCZ_TRAP_ABOVE_MIN_LOCAL_PARCELS,
  IPCZ_TRAP_CONDITIONS_SIZE,
  IPCZ_TRAP_REMOVED,
} from "@ipcz/api";
import type { Port } from "../port.ts";

const CONDITIONS = {
  size: IPCZ_TRAP_CONDITIONS_SIZE,
  flags: IPCZ_TRAP_ABOVE_MIN_LOCAL_PARCELS,
  minLocalParcels: 0,
  minLocalBytes: 0,
};

export class IpczPort implements Port<Uint8Array> {
  onMessage: (firstByte: number, bytes: () => Uint8Array) => void = () => {};
  private readonly api: IpczAPI;
  private readonly portal: IpczHandle;
  private buffer = new Uint8Array(4096);
  private readonly numBytes = { value: 0 };

  constructor(api: IpczAPI, portal: IpczHandle) {
    this.api = api;
    this.portal = portal;
    this.arm();
  }

  prepare(bytes: Uint8Array): Uint8Array {
    return bytes;
  }

  send(message: Uint8Array): void {
    this.api.Put(this.portal, message, message.length, null, 0, 0, null);
  }

  close(): void {
    this.api.Close(this.portal, 0, null);
  }

  /** Sets the trap; it is refused while there is something to get. */
  private arm(): void {
    const { api, portal } = this;
    while (api.Trap(portal, CONDITIONS, this.onTrap, null, 0, null, null, null) !== IPCZ_RESULT_OK)
      if (!this.takeOne()) return;
  }

  private readonly onTrap = (event: { readonly conditionFlags: number }): void => {
    if ((event.conditionFlags & IPCZ_TRAP_REMOVED) === 0 && this.takeOne()) this.arm();
  };

  /** Gets one message. False: the portal has none, and will never have more. */
  private takeOne(): boolean {
    const { api, portal, numBytes } = this;
    numBytes.value = this.buffer.length;
    let result = api.Get(portal, 0, null, this.buffer, numBytes, null, null, null);
    if (result === IPCZ_RESULT_RESOURCE_EXHAUSTED) {
      this.buffer = new Uint8Array(numBytes.value);
      result = api.Get(portal, 0, null, this.buffer, numBytes, null, null, null);
    }
    if (result !== IPCZ_RESULT_OK) return false;
    this.onMessage(this.buffer[0] ?? 0, this.contents);
    return true;
  }

  private readonly contents = (): Uint8Array => this.buffer.slice(0, this.numBytes.value);
}
