/**
 * The wire format of the C library's multiprocess reference driver (spec: wire 6.1).
 *
 * A frame is its own length (u32, these eight bytes included), the number of its descriptors (u32), and the
 * message. An object is its type (u32) and, for memory, its size (u32). A mark goes into the two highest bits
 * of the number of descriptors, which are 0 in every frame of the C library.
 */
import type { ObjectDescription } from "@ipcz/mojo-codec";
import { FrameMark, type FrameHeader, type WireCodec } from "./codec.ts";
import { unknownPeer } from "@ipcz/driver-base";

const headerBytes = 8;
const objectBytes = 8;
const descriptorsMax = 64;
const markShift = 30;
const countMask = 2 ** markShift - 1;
const transportType = 0;
const memoryType = 1;
/** A type that the C library counts and never sends. */
const descriptorType = 3;

/** `"reference"`. */
export const referenceCodec: WireCodec = {
  name: "reference",
  headerBytes,
  headerBytesMin: headerBytes,
  descriptorsMax,
  descriptorsPerSendMax: descriptorsMax,
  messageBytesMax: 2 ** 32 - 1 - headerBytes,
  memoryBytesMax: 2 ** 32 - 1,
  hasMarks: true,

  writeHeader(view, start, messageBytes, descriptorCount, mark): void {
    view.setUint32(start, messageBytes + headerBytes, true);
    view.setUint32(start + 4, descriptorCount | (mark << markShift), true);
  },

  readHeader(view: DataView, start: number, header: FrameHeader): boolean {
    header.frameBytes = view.getUint32(start, true);
    header.messageStart = headerBytes;
    const countAndMark = view.getUint32(start + 4, true);
    header.descriptorCount = countAndMark & countMask;
    const mark = countAndMark >>> markShift;
    if (mark > FrameMark.offer) return false;
    header.mark = mark as FrameMark;
    return header.frameBytes >= headerBytes && header.descriptorCount <= descriptorsMax;
  },

  objectBytes: (object) => (hasType(object) ? objectBytes : 0),

  writeObject(data: Uint8Array, object: ObjectDescription): void {
    const view = new DataView(data.buffer, data.byteOffset, objectBytes);
    view.setUint32(0, object.kind === "memory" ? memoryType : transportType, true);
    view.setUint32(4, object.kind === "memory" ? object.numBytes : 0, true);
  },

  readObject(data: Uint8Array, numBytes: number): ObjectDescription | null {
    if (numBytes < objectBytes) return null;
    const view = new DataView(data.buffer, data.byteOffset, objectBytes);
    const type = view.getUint32(0, true);
    if (type === transportType) {
      return { kind: "transport", isSameRemoteProcess: false, ...unknownPeer };
    }
    if (type !== memoryType) return null;
    // Memory of no bytes cannot be mapped, but it may travel in a box: the C library makes and sends it.
    return { kind: "memory", numBytes: view.getUint32(4, true), access: "unsafe", guid: null };
  },
};

/** Memory here is what everyone who has it may write to. */
function hasType(object: ObjectDescription): boolean {
  return object.kind === "transport" || (object.kind === "memory" && object.access === "unsafe");
}

/**
 * The same, and descriptors of the application by a type that the C library has a number for and never sends: for two
 * drivers that were both told to. Any other peer takes one for a mistake.
 */
export const referenceCodecWithDescriptors: WireCodec = {
  ...referenceCodec,

  objectBytes: (object) =>
    object.kind === "platform-handle" ? objectBytes : referenceCodec.objectBytes(object),

  writeObject(data: Uint8Array, object: ObjectDescription): void {
    if (object.kind === "platform-handle") {
      const view = new DataView(data.buffer, data.byteOffset, objectBytes);
      view.setUint32(0, descriptorType, true);
      view.setUint32(4, 0, true);
    } else referenceCodec.writeObject(data, object);
  },

  readObject(data: Uint8Array, numBytes: number): ObjectDescription | null {
    if (numBytes < objectBytes) return null;
    const view = new DataView(data.buffer, data.byteOffset, objectBytes);
    const isDescriptor = view.getUint32(0, true) === descriptorType;
    return isDescriptor ? { kind: "platform-handle" } : referenceCodec.readObject(data, numBytes);
  },
};
