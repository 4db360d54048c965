/**
 * Bytes for who writes all of them at once. Filling them with zeros first takes longer than copying a parcel into them:
 * 4 µs of 64 KiB, 50 µs of 1 MiB, against 0.5 and 2.6 µs for bytes as they come (measured on Node 20).
 */
import { Buffer } from "node:buffer";

/** Fewer bytes are made in less time by the engine itself. */
const UNFILLED_MIN = 4096;

/** `numBytes` bytes, the caller's alone, and alone in their ArrayBuffer; their content is unspecified. */
export function unfilledBytes(numBytes: number): Uint8Array<ArrayBuffer> {
  if (numBytes < UNFILLED_MIN) return new Uint8Array(numBytes);
  const { buffer } = Buffer.allocUnsafeSlow(numBytes);
  return new Uint8Array(buffer);
}
