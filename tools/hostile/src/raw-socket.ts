/** One end of a socket pair in hostile hands: bytes and descriptors in whatever portions. Linux, 64 bit. */
import { closeSync } from "node:fs";
import { constants } from "node:os";
import process from "node:process";
import { foreign } from "@ipcz/abi/ffi";

const MSG_DONTWAIT = 0x40;
const MSG_NOSIGNAL = 0x4000;
const CONTROL_HEADER_BYTES = 16;
const DESCRIPTORS_MAX = 253;

const MSG_CMSG_CLOEXEC = 0x4000_0000;
const CONTROL_BYTES = CONTROL_HEADER_BYTES + 4 * DESCRIPTORS_MAX + 4;

type MessageCall = (fd: number, message: bigint, flags: number) => number;
type BindCall = (fd: number, address: Uint8Array, size: number) => number;

interface Calls {
  readonly sendmsg: MessageCall;
  readonly recvmsg: MessageCall;
  readonly bind: BindCall;
}

let known: Calls | null = null;

/** Found when they are needed: where there are none, other attacks run all the same. */
function calls(): Calls {
  const library = foreign.load(null);
  known ??= {
    sendmsg: library.bind("int64_t sendmsg(int fd, void *message, int flags)"),
    recvmsg: library.bind("int64_t recvmsg(int fd, void *message, int flags)"),
    bind: library.bind("int bind(int fd, void *address, uint32_t size)"),
  };
  return known;
}

let names = 0;

const NONE = new Uint8Array(0);
const header = new Uint8Array(56);
const vector = new Uint8Array(16);
const control = new Uint8Array(CONTROL_BYTES);
const headerView = new DataView(header.buffer);
const vectorView = new DataView(vector.buffer);
const controlView = new DataView(control.buffer);
headerView.setBigUint64(16, foreign.address(vector), true);
headerView.setBigUint64(24, 1n, true);
headerView.setBigUint64(32, foreign.address(control), true);

/** What was received. */
export interface Received {
  readonly bytes: Uint8Array;
  /** The caller's. */
  readonly descriptors: readonly number[];
}

/** Takes the descriptor. */
export class RawSocket {
  private readonly descriptor: number;
  private open = true;

  constructor(descriptor: number) {
    this.descriptor = descriptor;
  }

  /** Says that this end has lanes, so that the peer offers one. */
  announceLanes(): void {
    const name = `\u0001\0\0ipcz-lane/1/reference/hostile ${process.pid} ${names++}`;
    const address = Buffer.from(name, "latin1");
    calls().bind(this.descriptor, address, address.length);
  }

  /** Sends what the socket takes now; false when it takes nothing or nobody is there. */
  send(bytes: Uint8Array, descriptors: readonly number[] = []): boolean {
    if (!this.open || bytes.length === 0) return false;
    vectorView.setBigUint64(0, foreign.address(bytes), true);
    vectorView.setBigUint64(8, BigInt(bytes.length), true);
    const count = Math.min(descriptors.length, DESCRIPTORS_MAX);
    controlView.setInt32(8, 1, true);
    controlView.setInt32(12, 1, true);
    for (let i = 0; i < count; i++)
      controlView.setInt32(CONTROL_HEADER_BYTES + 4 * i, descriptors[i] ?? -1, true);
    const length = count === 0 ? 0 : CONTROL_HEADER_BYTES + 4 * count;
    controlView.setBigUint64(0, BigInt(length), true);
    headerView.setBigUint64(40, BigInt((length + 7) & ~7), true);
    return (
      calls().sendmsg(this.descriptor, foreign.address(header), MSG_DONTWAIT | MSG_NOSIGNAL) > 0
    );
  }

  /** Takes at most `bytesMax` bytes, and what lies beside them; no bytes: nothing is there now; null: the end. */
  receive(bytesMax: number): Received | null {
    if (!this.open) return null;
    const bytes = new Uint8Array(bytesMax);
    vectorView.setBigUint64(0, foreign.address(bytes), true);
    vectorView.setBigUint64(8, BigInt(bytesMax), true);
    headerView.setBigUint64(40, BigInt(CONTROL_BYTES), true);
    const flags = MSG_DONTWAIT | MSG_CMSG_CLOEXEC;
    const count = calls().recvmsg(this.descriptor, foreign.address(header), flags);
    if (count === 0) return null;
    if (count < 0)
      return foreign.errno() === constants.errno.EAGAIN ? { bytes: NONE, descriptors: [] } : null;
    const hasControl = headerView.getBigUint64(40, true) > 0n;
    const length = hasControl ? Number(controlView.getBigUint64(0, true)) : 0;
    const descriptors: number[] = [];
    for (let at = CONTROL_HEADER_BYTES; at < length; at += 4)
      descriptors.push(controlView.getInt32(at, true));
    return { bytes: bytes.subarray(0, count), descriptors };
  }

  close(): void {
    if (this.open) closeSync(this.descriptor);
    this.open = false;
  }
}
