/**
 * The 24-byte header in front of every message (spec: wire 1.2).
 */
import { assert } from "../base/assert.ts";
import { readU32, readU64Exact, writeU32, writeU64 } from "./bytes.ts";
import type { Field } from "./layout.ts";

/** The header, declared. The functions below know these offsets by heart; a test compares. */
export const MessageHeaderFields = [
  ["size", "u8", "bytes of this header, 24"],
  ["version", "u8", "version of this header, 0"],
  ["messageId", "u8", "which message follows"],
  ["reserved0", "zero(5)", "nothing"],
  ["sequenceNumber", "u64", "how many messages I sent on this link before; receivers ignore it"],
  ["driverObjectDataOffset", "u32", "where the array of driver objects starts; 0: no objects"],
  ["reserved1", "zero(4)", "nothing"],
] as const;
MessageHeaderFields satisfies readonly Field[];

/** Bytes of a header of version 0, the only one we write. */
export const HEADER_BYTES = 24;

const VERSION_AT = 1;
const MESSAGE_ID_AT = 2;
const SEQUENCE_NUMBER_AT = 8;
const DRIVER_OBJECT_DATA_AT = 16;

/** What a receiver needs of a header. */
export interface MessageHeader {
  readonly messageId: number;
  readonly version: number;
  /** Bytes of the header; the parameter struct starts here. */
  readonly size: number;
  /** Where the DriverObjectData array starts; 0 when no objects are attached. */
  readonly driverObjectDataOffset: number;
}

/** The header of the message in the first `numBytes` of `bytes`; null: reject. */
export function decodeHeader(bytes: Uint8Array, numBytes: number): MessageHeader | null {
  assert(numBytes <= bytes.length, "a message lies inside its bytes");
  if (numBytes < HEADER_BYTES) return null;
  const size = bytes[0]!;
  const version = bytes[VERSION_AT]!;
  // A newer header may be longer; what it adds is skipped.
  if (version === 0 ? size !== HEADER_BYTES : size < HEADER_BYTES) return null;
  if (size > numBytes || size % 8 !== 0) return null;
  return {
    messageId: bytes[MESSAGE_ID_AT]!,
    version,
    size,
    driverObjectDataOffset: readU32(bytes, DRIVER_OBJECT_DATA_AT),
  };
}

/** Writes all 24 bytes, with sequence number 0 and no driver objects. */
export function writeHeader(message: Uint8Array, messageId: number): void {
  message.fill(0, 0, HEADER_BYTES);
  message[0] = HEADER_BYTES;
  message[MESSAGE_ID_AT] = messageId;
}

/** Numbers a message: the last thing before it is transmitted (spec: wire 1.6). */
export function setSequenceNumber(message: Uint8Array, sequenceNumber: number): void {
  writeU64(message, SEQUENCE_NUMBER_AT, sequenceNumber);
}

/** For logs; any value is legal, and none has a meaning for the receiver. */
export function sequenceNumberOf(message: Uint8Array): bigint {
  return readU64Exact(message, SEQUENCE_NUMBER_AT);
}

/** Points the header at the DriverObjectData array. */
export function setDriverObjectDataOffset(message: Uint8Array, offset: number): void {
  writeU32(message, DRIVER_OBJECT_DATA_AT, offset);
}
