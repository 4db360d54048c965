/**
 * One `sendmsg`, prepared: a `msghdr` with its buffers and control message in memory that does not move. Bytes of one
 * buffer alone leave with `send`.
 *
 * Describing a message costs a few stores; building C structs from objects would double the cost of a send.
 */
import type { Address } from "@ipcz/abi/ffi";
import type { Descriptor } from "./fd.ts";
import { alignUp, controlSpace, vectorBytes, writeRights } from "./message-layout.ts";
import type { System } from "./system.ts";

/** Describes and makes sends, one at a time; shared by all transports of a driver. */
export class SendMessage {
  private readonly system: System;
  private readonly view: DataView;
  private readonly address: Address;
  private readonly vectorsStart: number;
  private readonly controlStart: number;
  private readonly numbers: number[] = [];
  /** Buffer number 0. */
  private firstAddress: Address = 0n;
  private firstBytes = 0;

  constructor(system: System, vectorsMax: number, descriptorsMax: number) {
    const { layout } = system.platform;
    this.system = system;
    this.vectorsStart = alignUp(layout.headerBytes, 8);
    this.controlStart = this.vectorsStart + vectorsMax * vectorBytes;
    const bytes = new Uint8Array(this.controlStart + controlSpace(layout, descriptorsMax));
    this.view = new DataView(bytes.buffer);
    this.address = system.foreign.address(bytes);
    this.view.setBigUint64(layout.vectors, this.address + BigInt(this.vectorsStart), true);
  }

  /** Says what buffer number `index` is: `numBytes` bytes at `address`. */
  setVector(index: number, address: Address, numBytes: number): void {
    if (index === 0) {
      this.firstAddress = address;
      this.firstBytes = numBytes;
    }
    const at = this.vectorsStart + index * vectorBytes;
    this.view.setBigUint64(at, address, true);
    this.view.setUint32(at + 8, numBytes, true);
  }

  /** Sends the first `vectorCount` buffers, with descriptors; bytes sent, or the negative of `errno`. */
  send(socket: Descriptor, vectorCount: number, descriptors: readonly Descriptor[]): number {
    const { layout, socket: numbers } = this.system.platform;
    const { libc } = this.system;
    if (vectorCount === 1 && descriptors.length === 0)
      return libc.send(socket.number, this.firstAddress, this.firstBytes, numbers.sendFlags);
    this.view.setUint32(layout.vectorCount, vectorCount, true);
    if (descriptors.length > 0) this.attach(descriptors);
    const answer = libc.sendmsg(socket.number, this.address, numbers.sendFlags);
    if (descriptors.length > 0) this.detach();
    return answer;
  }

  private attach(descriptors: readonly Descriptor[]): void {
    const { layout, socket } = this.system.platform;
    this.numbers.length = 0;
    for (const descriptor of descriptors) this.numbers.push(descriptor.number);
    const space = writeRights(layout, this.view, this.controlStart, socket.level, this.numbers);
    const address = this.address + BigInt(this.controlStart);
    this.view.setBigUint64(layout.control, address, true);
    this.view.setUint32(layout.controlBytes, space, true);
  }

  private detach(): void {
    const { layout } = this.system.platform;
    this.view.setBigUint64(layout.control, 0n, true);
    this.view.setUint32(layout.controlBytes, 0, true);
  }
}
