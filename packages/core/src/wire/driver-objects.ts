/**
 * The DriverObjectData array: which bytes and which handles of a message make up each of its driver objects
 * (spec: wire 1.5).
 */
import type { IpczByteRange } from "@ipcz/api";
import { assert } from "../base/assert.ts";
import { readU16, readU32, roundUp8, writeU16, writeU32 } from "./bytes.ts";
import { decodeHeader, type MessageHeader, setDriverObjectDataOffset } from "./header.ts";
import type { Field } from "./layout.ts";
import { countElements } from "./read-fields.ts";

/** One element of the array, declared. */
export const DriverObjectDataFields = [
  ["dataOffset", "u32", "where the array of the driver's bytes starts; 0: it has none"],
  ["firstHandle", "u16", "the first of its handles, among those of the message"],
  ["numHandles", "u16", "how many handles it has"],
] as const;
DriverObjectDataFields satisfies readonly Field[];

/** Bytes of one element. */
export const DRIVER_OBJECT_DATA_BYTES = 8;
/** Handles of one message: they are numbered with 16 bits. */
export const HANDLES_MAX = 65_535;

/** What a driver needs to deserialise one object. */
export interface DriverObjectSpan {
  /** The driver's bytes in the message; meaningless when `dataLength` is 0. */
  readonly dataOffset: number;
  readonly dataLength: number;
  /** Among the handles of the message. */
  readonly firstHandle: number;
  readonly numHandles: number;
}

const NO_SPANS: readonly never[] = Object.freeze([]);

/**
 * The driver objects of a message to which `numHandles` handles are attached. Null: reject at once. An element that is
 * null is not valid: its bytes lie outside the message, or it names a handle that is missing or that an earlier one
 * names. Deserialise the others, so that what they own is released, then reject.
 */
export function decodeDriverObjects(
  bytes: Uint8Array,
  numBytes: number,
  header: MessageHeader,
  numHandles: number,
): readonly (DriverObjectSpan | null)[] | null {
  const offset = header.driverObjectDataOffset;
  const count = countElements(bytes, offset, numBytes, DRIVER_OBJECT_DATA_BYTES);
  if (count < 0) return null;
  if (count === 0) return NO_SPANS;
  const handles = new HandleClaims(numHandles);
  const spans: (DriverObjectSpan | null)[] = [];
  for (let index = 0; index < count; index++) {
    const span = readSpan(bytes, offset + 8 + index * DRIVER_OBJECT_DATA_BYTES, numBytes);
    spans.push(span && handles.claim(span.firstHandle, span.numHandles) ? span : null);
  }
  return spans;
}

/** The bytes of the driver objects of a message that came without handles, as far as they can be found. */
export function driverObjectBytesIn(message: Uint8Array): IpczByteRange[] {
  const header = decodeHeader(message, message.length);
  if (!header || header.driverObjectDataOffset === 0) return [];
  const spans = decodeDriverObjects(message, message.length, header, 0) ?? [];
  return spans.flatMap((span) =>
    span && span.dataLength > 0
      ? [{ start: span.dataOffset, end: span.dataOffset + span.dataLength }]
      : [],
  );
}

function readSpan(bytes: Uint8Array, at: number, numBytes: number): DriverObjectSpan | null {
  const arrayOffset = readU32(bytes, at);
  const dataLength = countElements(bytes, arrayOffset, numBytes, 1);
  if (dataLength < 0) return null;
  return {
    dataOffset: dataLength === 0 ? 0 : arrayOffset + 8,
    dataLength,
    firstHandle: readU16(bytes, at + 4),
    numHandles: readU16(bytes, at + 6),
  };
}

/** Which handles of a message are spoken for. */
class HandleClaims {
  private readonly isClaimed: Uint8Array;
  /** Claims ever made, also in vain. More than there are handles can only overlap, so nobody needs to look. */
  private count = 0;

  constructor(numHandles: number) {
    this.isClaimed = new Uint8Array(numHandles);
  }

  /** False, and nothing claimed, when one of the handles does not exist or is claimed already. */
  claim(firstHandle: number, numHandles: number): boolean {
    const end = firstHandle + numHandles;
    if (end > this.isClaimed.length) return false;
    this.count += numHandles;
    if (this.count > this.isClaimed.length) return false;
    if (this.isClaimed.subarray(firstHandle, end).includes(1)) return false;
    this.isClaimed.fill(1, firstHandle, end);
    return true;
  }
}

/** A driver object, serialised. */
export interface SerializedObject {
  /** The driver's bytes; null or empty: it needs none. */
  readonly data: Uint8Array | null;
  readonly numHandles: number;
}

/**
 * A new message: `message`, then the array, then each object's bytes; the handles are those of the objects, one after
 * the other. `message` itself when there are no objects.
 */
export function appendDriverObjects(
  message: Uint8Array,
  objects: readonly SerializedObject[],
): Uint8Array {
  if (objects.length === 0) return message;
  const offset = roundUp8(message.length);
  let end = offset + 8 + objects.length * DRIVER_OBJECT_DATA_BYTES;
  let numBytes = end;
  for (const { data } of objects) if (data) numBytes += dataArrayBytes(data);
  assert(numBytes < 2 ** 32, "a message we send has 32-bit offsets");

  const whole = new Uint8Array(numBytes);
  whole.set(message);
  setDriverObjectDataOffset(whole, offset);
  writeArrayHeader(whole, offset, end - offset, objects.length);
  let at = offset + 8;
  let firstHandle = 0;
  for (const { data, numHandles } of objects) {
    assert(firstHandle + numHandles <= HANDLES_MAX, "handles of a message are 16-bit numbers");
    writeU16(whole, at + 4, firstHandle);
    writeU16(whole, at + 6, numHandles);
    if (data && data.length > 0) {
      writeU32(whole, at, end);
      writeArrayHeader(whole, end, dataArrayBytes(data), data.length);
      whole.set(data, end + 8);
      end += dataArrayBytes(data);
    }
    firstHandle += numHandles;
    at += DRIVER_OBJECT_DATA_BYTES;
  }
  return whole;
}

function dataArrayBytes(data: Uint8Array): number {
  return data.length === 0 ? 0 : roundUp8(8 + data.length);
}

function writeArrayHeader(bytes: Uint8Array, at: number, numBytes: number, count: number): void {
  writeU32(bytes, at, numBytes);
  writeU32(bytes, at + 4, count);
}
