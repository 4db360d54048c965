/** One end of a socket pair in hostile hands: bytes and descriptors in whatever portions. Linux, 64 bit. */
import { closeSync } from "node:fs";
import { foreign } from "@ipcz/abi/ffi";

const MSG_DONTWAIT = 0x40;
const MSG_NOSIGNAL = 0x4000;
const CONTROL_HEADER_BYTES = 16;
const DESCRIPTORS_MAX = 253;

const sendmsg = foreign
  .load(null)
  .bind<(fd: number, message: bigint, flags: number) => number>(
    "int64_t sendmsg(int fd, void *message, int flags)",
  );

const header = new Uint8Array(56);
const vector = new Uint8Array(16);
const control = new Uint8Array(CONTROL_HEADER_BYTES + 4 * DESCRIPTORS_MAX + 4);
const headerView = new DataView(header.buffer);
const vectorView = new DataView(vector.buffer);
const controlView = new DataView(control.buffer);
headerView.setBigUint64(16, foreign.address(vector), true);
headerView.setBigUint64(24, 1n, true);
headerView.setBigUint64(32, foreign.address(control), true);
controlView.setInt32(8, 1, true);
controlView.setInt32(12, 1, true);

/** Takes the descriptor. */
export class RawSocket {
  private readonly descriptor: number;
  private open = true;

  constructor(descriptor: number) {
    this.descriptor = descriptor;
  }

  /** Sends what the socket takes now; false when it takes nothing or nobody is there. */
  send(bytes: Uint8Array, descriptors: readonly number[] = []): boolean {
    if (!this.open || bytes.length === 0) return false;
    vectorView.setBigUint64(0, foreign.address(bytes), true);
    vectorView.setBigUint64(8, BigInt(bytes.length), true);
    const count = Math.min(descriptors.length, DESCRIPTORS_MAX);
    for (let i = 0; i < count; i++)
      controlView.setInt32(CONTROL_HEADER_BYTES + 4 * i, descriptors[i] ?? -1, true);
    const length = count === 0 ? 0 : CONTROL_HEADER_BYTES + 4 * count;
    controlView.setBigUint64(0, BigInt(length), true);
    headerView.setBigUint64(40, BigInt((length + 7) & ~7), true);
    return sendmsg(this.descriptor, foreign.address(header), MSG_DONTWAIT | MSG_NOSIGNAL) > 0;
  }

  close(): void {
    if (this.open) closeSync(this.descriptor);
    this.open = false;
  }
}
