/**
 * Bytes of any number in a message: in the payload, or in shared memory beside it (spec: mojo 7).
 */
import {
  IPCZ_INVALID_DRIVER_HANDLE,
  IPCZ_NO_FLAGS,
  IPCZ_RESULT_OK,
  type IpczDriver,
  type IpczDriverHandle,
} from "@ipcz/api";
import type { Box, LocalNode } from "ipcz";
import type { Attachment } from "../message/endpoint.ts";
import type { StructReader } from "../message/payload-reader.ts";
import type { PayloadWriter } from "../message/payload-writer.ts";

/** Bytes of the field: a union, in place. */
export const bigBufferBytes = 16;

/** Where the bytes of a buffer travel. */
export type BigBufferPlace = "payload" | "memory";

const unionBytes = 16;
const bytesTag = 0;
const memoryTag = 1;

/** Writes a buffer into the field at `at`; what has to be attached to the message for it. */
export function writeBigBuffer(
  writer: PayloadWriter,
  at: number,
  { bytes, place, node }: { bytes: Uint8Array; place: BigBufferPlace; node: LocalNode },
): readonly Box[] {
  writer.setU32(at, unionBytes);
  if (place === "payload") {
    writer.setU32(at + 4, bytesTag);
    writer.setPointer(at + 8, writer.bytes(bytes));
    return [];
  }
  writer.setU32(at + 4, memoryTag);
  const region = writer.structAt(at + 8, 8);
  writer.setU32(region, 0);
  writer.setU32(region + 4, bytes.length);
  return [boxBytes(node, bytes)];
}

/** A buffer, read. */
export interface BigBuffer {
  readonly bytes: Uint8Array;
  readonly place: BigBufferPlace;
}

/** Reads the buffer at `offset` of a struct, and closes the handle it is in; null when there is none, or a malformed one. */
export function readBigBuffer(
  struct: StructReader,
  offset: number,
  handles: readonly Attachment[],
  driver: IpczDriver,
): BigBuffer | null {
  if (struct.u32(offset) !== unionBytes) return null;
  const tag = struct.u32(offset + 4);
  if (tag === bytesTag) {
    const bytes = struct.bytes(offset + 8);
    return bytes && { bytes: bytes.slice(), place: "payload" };
  }
  const region = tag === memoryTag ? struct.struct(offset + 8) : null;
  const box = handles[region?.u32(0) ?? -1];
  const numBytes = region?.u32(4) ?? null;
  if (box === undefined || numBytes === null || !("open" in box)) return null;
  const bytes = takeBytes(driver, box, numBytes);
  return bytes && { bytes, place: "memory" };
}

/** Shared memory with these bytes, in a box. */
function boxBytes(node: LocalNode, bytes: Uint8Array): Box {
  const { driver } = node;
  const memory = { value: IPCZ_INVALID_DRIVER_HANDLE };
  const size = Math.max(bytes.length, 1);
  const result = driver.AllocateSharedMemory(size, IPCZ_NO_FLAGS, null, memory);
  if (result !== IPCZ_RESULT_OK) throw new Error(`no shared memory of ${size} bytes is to be had`);
  withMapping(driver, memory.value, (view) => view.set(bytes));
  return node.boxDriverObject(memory.value);
}

/** The first bytes of the memory in a box, copied; closes it. Null when it is no memory, or too short. */
function takeBytes(driver: IpczDriver, box: Box, numBytes: number): Uint8Array | null {
  const contents = box.open();
  if (contents.type === "parcel") contents.parcel.close();
  if (contents.type !== "driver-object") return null;
  let bytes: Uint8Array | null = null;
  withMapping(driver, contents.object, (view) => {
    if (numBytes <= view.length) bytes = view.slice(0, numBytes);
  });
  driver.Close(contents.object, IPCZ_NO_FLAGS, null);
  return bytes;
}

function withMapping(
  driver: IpczDriver,
  memory: IpczDriverHandle,
  use: (view: Uint8Array) => void,
): void {
  const address = { value: new Uint8Array(0) };
  const mapping = { value: IPCZ_INVALID_DRIVER_HANDLE };
  const result = driver.MapSharedMemory(memory, IPCZ_NO_FLAGS, null, address, mapping);
  if (result !== IPCZ_RESULT_OK) return;
  use(address.value);
  driver.Close(mapping.value, IPCZ_NO_FLAGS, null);
}
