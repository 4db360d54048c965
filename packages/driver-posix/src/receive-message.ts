/**
 * One `recvmsg`, prepared: the twin of a send. Received descriptors become owned objects before anything is
 * judged.
 */
import type { Address } from "@ipcz/abi/ffi";
import { Descriptor } from "./fd.ts";
import { alignUp, controlSpace, readRights, vectorBytes } from "./message-layout.ts";
import type { System } from "./system.ts";

/** Buffers of one receive: the rest of a partial frame, then the driver's own. */
export const receiveVectorsMax = 2;

/** Describes and makes receives, one at a time; shared by all transports of a driver. */
export class ReceiveMessage {
  /**
   * True when the last receive lost descriptors: there was no room for all, or the process has too many open.
   */
  truncated = false;
  private readonly system: System;
  private readonly view: DataView;
  private readonly address: Address;
  private readonly vectorsStart: number;
  private readonly controlStart: number;
  private readonly controlBytes: number;
  private readonly numbers: number[] = [];

  constructor(system: System, descriptorsMax: number) {
    const { layout } = system.platform;
    this.system = system;
    this.vectorsStart = alignUp(layout.headerBytes, 8);
    this.controlStart = this.vectorsStart + receiveVectorsMax * vectorBytes;
    this.controlBytes = controlSpace(layout, descriptorsMax);
    const bytes = new Uint8Array(this.controlStart + this.controlBytes);
    this.view = new DataView(bytes.buffer);
    this.address = system.foreign.address(bytes);
    this.view.setBigUint64(layout.vectors, this.address + BigInt(this.vectorsStart), true);
    this.view.setBigUint64(layout.control, this.address + BigInt(this.controlStart), true);
  }

  /** Says what buffer number `index` is: `numBytes` bytes at `address`. */
  setVector(index: number, address: Address, numBytes: number): void {
    const at = this.vectorsStart + index * vectorBytes;
    this.view.setBigUint64(at, address, true);
    this.view.setUint32(at + 8, numBytes, true);
  }

  /**
   * Receives into the first `vectorCount` buffers: bytes received, 0 at the end of the stream, or the negative
   * of `errno`. Descriptors that came along are appended to `arrived`, whose owner has them from then on.
   */
  receive(socket: Descriptor, vectorCount: number, arrived: Descriptor[]): number {
    const { layout, socket: numbers } = this.system.platform;
    this.view.setUint32(layout.vectorCount, vectorCount, true);
    this.view.setUint32(layout.controlBytes, this.controlBytes, true);
    const answer = this.system.libc.recvmsg(socket.number, this.address, numbers.receiveFlags);
    if (answer < 0) return answer;
    const flags = this.view.getInt32(layout.flags, true);
    this.truncated = (flags & numbers.controlTruncatedFlag) !== 0;
    const controlBytes = this.view.getUint32(layout.controlBytes, true);
    if (controlBytes > 0) this.collect(controlBytes, arrived);
    return answer;
  }

  private collect(controlBytes: number, arrived: Descriptor[]): void {
    const { libc, platform } = this.system;
    const { layout, socket } = platform;
    this.numbers.length = 0;
    readRights(layout, this.view, this.controlStart, controlBytes, socket.level, this.numbers);
    for (const number of this.numbers) {
      platform.prepareReceived(number);
      arrived.push(new Descriptor(libc, number));
    }
  }
}
