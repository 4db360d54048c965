/**
 * Messages and their driver objects: put together before they are transmitted, taken apart when they arrive
 * (spec: wire 1.5).
 */
import type { IpczDriver, IpczDriverHandle } from "@ipcz/api";
import { closeHandles, type DriverObject } from "../driver/driver-object.ts";
import { NO_OBJECTS, type ObjectBag } from "../driver/object-bag.ts";
import { packObjects } from "../driver/pack-objects.ts";
import { type ObjectRange, unpackObjects } from "../driver/unpack-objects.ts";
import { appendDriverObjects, decodeDriverObjects } from "../wire/driver-objects.ts";
import { decodeHeader, type MessageHeader } from "../wire/header.ts";

/** A message as it is transmitted. */
export interface PackedMessage {
  readonly bytes: Uint8Array;
  readonly handles: readonly IpczDriverHandle[];
}

/** Takes `objects`. Null: the driver cannot serialize them for `transport`; they are closed. */
export function packMessage(
  message: Uint8Array,
  objects: readonly DriverObject[],
  transport: IpczDriverHandle,
): PackedMessage | null {
  const packed = packObjects(objects, transport);
  if (!packed) return null;
  return { bytes: appendDriverObjects(message, packed.objects), handles: packed.handles };
}

/** One message, its header read; the parameters are still to be decoded. */
export interface ReceivedMessage {
  readonly header: MessageHeader;
  readonly bytes: Uint8Array;
  readonly numBytes: number;
  /** What the reader does not take, it closes. */
  readonly objects: ObjectBag;
}

/** Makes the unpacking fail, after the other objects were made. */
const INVALID_OBJECT: ObjectRange = {
  dataOffset: 0,
  dataLength: 0,
  firstHandle: 0,
  numHandles: 0,
  valid: false,
};

/** Takes the handles. Null: the header or an object is malformed; what could be made is closed. */
export function unpackMessage(
  driver: IpczDriver,
  transport: IpczDriverHandle,
  bytes: Uint8Array,
  numBytes: number,
  handles: readonly IpczDriverHandle[],
): ReceivedMessage | null {
  const header = decodeHeader(bytes, numBytes);
  if (header && handles.length === 0 && header.driverObjectDataOffset === 0)
    return { header, bytes, numBytes, objects: NO_OBJECTS };
  const spans = header && decodeDriverObjects(bytes, numBytes, header, handles.length);
  if (!header || !spans) {
    closeHandles(driver, handles);
    return null;
  }
  const ranges = spans.map((span) => span ?? INVALID_OBJECT);
  const objects = unpackObjects({ message: bytes, ranges, handles, transport, driver });
  return objects && { header, bytes, numBytes, objects };
}
