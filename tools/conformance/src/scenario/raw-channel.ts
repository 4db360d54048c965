/**
 * A transport used without a node: for stories in which one side does not speak ipcz.
 */
import {
  IPCZ_INVALID_DRIVER_HANDLE,
  IPCZ_RESULT_OK,
  IPCZ_TRANSPORT_ACTIVITY_DEACTIVATED,
  IPCZ_TRANSPORT_ACTIVITY_ERROR,
  type IpczDriver,
  type IpczDriverHandle,
  type IpczHandle,
  type IpczResult,
  type IpczTransportActivityHandler,
  type IpczTransportActivityOptions,
} from "@ipcz/api";
import { bytesOf } from "../table/calls.ts";
import { checkResult } from "../table/expect.ts";

/** Owns one transport from its construction until `close` has resolved. */
export class RawChannel {
  readonly #driver: IpczDriver;
  readonly #transport: IpczDriverHandle;
  #active = false;
  #failed = false;
  #deactivated = false;

  constructor(driver: IpczDriver, transport: IpczDriverHandle) {
    this.#driver = driver;
    this.#transport = transport;
  }

  /** The driver has reported that the transport broke or that its peer is gone. */
  get failed(): boolean {
    return this.#failed;
  }

  /** The driver has made its last call. */
  get deactivated(): boolean {
    return this.#deactivated;
  }

  /** Sends text as one message; the other side takes it for garbage. */
  transmit(text: string): void {
    const bytes = bytesOf(text);
    const result = this.#driver.Transmit(this.#transport, bytes, bytes.length, null, 0, 0, null);
    checkResult("Transmit", result, IPCZ_RESULT_OK);
  }

  /** Starts listening. What arrives is dropped; only failure and the last call are noted. */
  activate(): void {
    const handler: IpczTransportActivityHandler = (_listener, _data, _bytes, ...rest) =>
      this.#hear(...rest);
    // A driver hands the listener back and never looks at it, so any number serves.
    const listener = 1 as IpczHandle;
    const result = this.#driver.ActivateTransport(this.#transport, listener, handler, 0, null);
    checkResult("ActivateTransport", result, IPCZ_RESULT_OK);
    this.#active = true;
  }

  #hear(
    handles: readonly IpczDriverHandle[] | null,
    count: number,
    flags: number,
    options: IpczTransportActivityOptions | null,
  ): IpczResult {
    if ((flags & IPCZ_TRANSPORT_ACTIVITY_DEACTIVATED) !== 0) this.#deactivated = true;
    else if ((flags & IPCZ_TRANSPORT_ACTIVITY_ERROR) !== 0) this.#failed = true;
    else {
      // What comes with a message belongs to whoever is told of it.
      for (const handle of handles?.slice(0, count) ?? []) this.#driver.Close(handle, 0, null);
      const envelope = options?.envelope ?? IPCZ_INVALID_DRIVER_HANDLE;
      if (envelope !== IPCZ_INVALID_DRIVER_HANDLE) this.#driver.Close(envelope, 0, null);
    }
    return IPCZ_RESULT_OK;
  }

  /** Asks for the last call; it may have been made when this returns, or later. */
  deactivate(): void {
    if (!this.#active || this.#deactivated) return;
    this.#driver.DeactivateTransport(this.#transport, 0, null);
  }

  /** Closes the transport; deactivate it first, and wait for the last call. */
  close(): void {
    this.#driver.Close(this.#transport, 0, null);
  }
}
