/**
 * Little-endian integers at any byte offset, aligned or not.
 *
 * Reading past the end answers zeros and never throws; that a range lies inside the message is checked once, where the
 * range is read. Bytes are put together by hand, which needs no view per message (where one pays: accept-parcel.ts).
 * Numbers above Limits.wireIntegerMax are not representable: reading one answers -1.
 */
import { assert } from "../base/assert.ts";
import { Limits } from "../base/limits.ts";
import { FOLDED_HIGH_BIT } from "./ids.ts";

/** What the readers of 64-bit numbers answer for one that core cannot represent. */
export const UNREPRESENTABLE = -1;

const WORD = 2 ** 32;
/** Up to here V8 reckons with integers, in a fraction of the time; nearly all numbers are. */
export const SMALL_MAX: number = 2 ** 31 - 1;
/** First upper half of a 64-bit number above Limits.wireIntegerMax. */
const HIGH_END = 2 ** 20;

/** `bytes` rounded up to the alignment of every structure in a message. */
export function roundUp8(bytes: number): number {
  // Any safe integer: `&` takes its lowest bits, and small ones stay small for V8, which a division would not let them.
  return bytes + ((8 - (bytes & 7)) & 7);
}

export function readU16(bytes: Uint8Array, at: number): number {
  return bytes[at]! | (bytes[at + 1]! << 8);
}

export function readU32(bytes: Uint8Array, at: number): number {
  return (
    (bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)) >>> 0
  );
}

/** A number up to Limits.wireIntegerMax, or UNREPRESENTABLE. */
export function readU64(bytes: Uint8Array, at: number): number {
  const high = readU32(bytes, at + 4);
  if (high >= HIGH_END) return UNREPRESENTABLE;
  return high * WORD + readU32(bytes, at);
}

/** An id with bit 63 folded to FOLDED_HIGH_BIT, or UNREPRESENTABLE (spec: wire 4.9). */
export function readFoldedU64(bytes: Uint8Array, at: number): number {
  const high = readU32(bytes, at + 4);
  const rest = high & 0x7fff_ffff;
  if (rest >= HIGH_END) return UNREPRESENTABLE;
  const value = rest * WORD + readU32(bytes, at);
  return rest === high ? value : value + FOLDED_HIGH_BIT;
}

/** All 64 bits. */
export function readU64Exact(bytes: Uint8Array, at: number): bigint {
  return (BigInt(readU32(bytes, at + 4)) << 32n) | BigInt(readU32(bytes, at));
}

export function writeU16(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value;
  bytes[at + 1] = value >>> 8;
}

export function writeU32(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value;
  bytes[at + 1] = value >>> 8;
  bytes[at + 2] = value >>> 16;
  bytes[at + 3] = value >>> 24;
}

export function writeU64(bytes: Uint8Array, at: number, value: number): void {
  if (value >= 0 && value <= SMALL_MAX) {
    writeU32(bytes, at, value);
    writeU32(bytes, at + 4, 0);
    return;
  }
  assert(value >= 0 && value <= Limits.wireIntegerMax, "a number we send fits the wire");
  writeU32(bytes, at, value >>> 0);
  writeU32(bytes, at + 4, Math.floor(value / WORD));
}

/** The way back of readFoldedU64. */
export function writeFoldedU64(bytes: Uint8Array, at: number, value: number): void {
  assert(value >= 0 && value < FOLDED_HIGH_BIT * 2, "an id we send fits the wire");
  const isHigh = value >= FOLDED_HIGH_BIT;
  const rest = isHigh ? value - FOLDED_HIGH_BIT : value;
  writeU32(bytes, at, rest >>> 0);
  writeU32(bytes, at + 4, Math.floor(rest / WORD) | (isHigh ? 0x8000_0000 : 0));
}

export function writeU64Exact(bytes: Uint8Array, at: number, value: bigint): void {
  writeU32(bytes, at, Number(value & 0xffff_ffffn));
  writeU32(bytes, at + 4, Number((value >> 32n) & 0xffff_ffffn));
}
