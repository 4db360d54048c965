/**
 * The first message on a transport, sent and received while there is no link: it carries sequence number 0 and uses
 * up none (spec: wire 1.6).
 */
import { type IpczDriver, type IpczDriverHandle, IPCZ_RESULT_OK } from "@ipcz/api";
import { closeHandles, type DriverObject } from "../../driver/driver-object.ts";
import type { DriverTransport } from "../../driver/driver-transport.ts";
import { NO_OBJECTS, type ObjectBag } from "../../driver/object-bag.ts";
import { packObjects } from "../../driver/pack-objects.ts";
import { type ObjectRange, unpackObjects } from "../../driver/unpack-objects.ts";
import { appendDriverObjects, decodeDriverObjects } from "../../wire/driver-objects.ts";
import { encodeMessage } from "../../wire/encode.ts";
import { decodeHeader, type MessageHeader } from "../../wire/header.ts";
import type { MessageOf, MessageSchema } from "../../wire/schema.ts";

/** Takes `objects`. False: the driver refuses them, or the message. */
export function sendGreeting<S extends MessageSchema>(
  transport: DriverTransport,
  schema: S,
  values: MessageOf<S>,
  objects: readonly DriverObject[],
): boolean {
  const packed = packObjects(objects, transport.handle);
  if (!packed) return false;
  const { data, numHandles, handles } = packed;
  const message = appendDriverObjects(
    encodeMessage(schema, values),
    data.map((bytes, index) => ({ data: bytes, numHandles: numHandles[index] ?? 0 })),
  );
  return transport.transmit(message, message.length, handles) === IPCZ_RESULT_OK;
}

/** A message whose parameters are still to be decoded. */
export interface Greeting {
  readonly header: MessageHeader;
  readonly bytes: Uint8Array;
  readonly numBytes: number;
  /** The reader's to close, when it has taken what it wants. */
  readonly objects: ObjectBag;
}

/** The bytes and handles of one message as a driver delivers them. */
export interface Delivered {
  readonly bytes: Uint8Array;
  readonly numBytes: number;
  readonly handles: readonly IpczDriverHandle[];
}

/** Makes the unpacking fail, after the other objects were made. */
const INVALID_OBJECT: ObjectRange = {
  dataOffset: 0,
  dataLength: 0,
  firstHandle: 0,
  numHandles: 0,
  valid: false,
};

/** Takes the handles. Null: header or objects are malformed. */
export function readGreeting(
  driver: IpczDriver,
  transport: IpczDriverHandle,
  { bytes, numBytes, handles }: Delivered,
): Greeting | null {
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
