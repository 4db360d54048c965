/**
 * A portal as a port. On the way of a message: one put, and one get into a buffer that is used again.
 */
import {
  type IpczHandle,
  IPCZ_RESULT_NOT_FOUND,
  IPCZ_RESULT_OK,
  IPCZ_RESULT_RESOURCE_EXHAUSTED,
} from "@ipcz/api";
import type { Port } from "../../messages/port.ts";
import { api, check, listen } from "./api.ts";

export class PortalPort implements Port<Uint8Array> {
  onMessage: (firstByte: number, bytes: () => Uint8Array) => void = () => {};
  private readonly portal: IpczHandle;
  private buffer = new Uint8Array(4096);
  private readonly numBytes = { value: 0 };

  /** `onEnd`: the peer is gone. Listens at once: what comes before `onMessage` is set is lost. */
  constructor(portal: IpczHandle, onEnd: () => void) {
    this.portal = portal;
    listen(portal, () => this.drain(onEnd));
  }

  prepare(bytes: Uint8Array): Uint8Array {
    return bytes;
  }

  send(message: Uint8Array): void {
    check(api.Put(this.portal, message, message.length, null, 0, 0, null), "put");
  }

  close(): void {
    api.Close(this.portal, 0, null);
  }

  private drain(onEnd: () => void): boolean {
    const { portal, numBytes } = this;
    for (;;) {
      numBytes.value = this.buffer.length;
      const result = api.Get(portal, 0, null, this.buffer, numBytes, null, null, null);
      if (result === IPCZ_RESULT_OK) this.onMessage(this.buffer[0] ?? 0, this.contents);
      else if (result === IPCZ_RESULT_RESOURCE_EXHAUSTED)
        this.buffer = new Uint8Array(numBytes.value);
      else {
        if (result === IPCZ_RESULT_NOT_FOUND) onEnd();
        return result !== IPCZ_RESULT_NOT_FOUND;
      }
    }
  }

  private readonly contents = (): Uint8Array => this.buffer.subarray(0, this.numBytes.value);
}
