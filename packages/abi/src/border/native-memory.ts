/**
 * Memory of native code: reading and writing at an address that it gave us.
 *
 * Small pieces are copied by the C library (0.1 microseconds); showing memory as an `ArrayBuffer` costs ten times as
 * much and pays only for large ones, and where JavaScript must write in place.
 */
import { cLibrary } from "../ffi/c-library.ts";
import { foreign } from "../ffi/koffi.ts";
import { WORD_BYTES } from "../c/layout.ts";
import { readWord, writeWord } from "./word.ts";

const copy = cLibrary().bind<
  (to: number | Uint8Array, from: number | Uint8Array, size: number) => void
>("void memcpy(void *to, const void *from, size_t size)");

/** From this size on bytes are shown in place, below they are copied. */
export const VIEW_MIN_BYTES = 16_384;

const scratch = new Uint8Array(256);
const scratchView = new DataView(scratch.buffer);

/** `numBytes` bytes at `address`, in place; null for none. */
export function viewBytes(address: number, numBytes: number): Uint8Array | null {
  if (address === 0) return null;
  if (numBytes === 0) return new Uint8Array(0);
  return new Uint8Array(foreign.view(BigInt(address), numBytes));
}

/** `numBytes` bytes at `address` for the time of one call: a copy, or in place when they are many. */
export function readBytes(address: number, numBytes: number): Uint8Array | null {
  if (address === 0) return null;
  if (numBytes >= VIEW_MIN_BYTES) return viewBytes(address, numBytes);
  const bytes = new Uint8Array(numBytes);
  if (numBytes > 0) copy(bytes, address, numBytes);
  return bytes;
}

/** Copies `numBytes` bytes to `address`. */
export function writeBytes(address: number, bytes: Uint8Array, numBytes: number): void {
  if (numBytes > 0) copy(address, bytes, numBytes);
}

/** A word. */
export function readWordAt(address: number): number {
  copy(scratch, address, WORD_BYTES);
  return readWord(scratchView, 0);
}

/** Writes a word. */
export function writeWordAt(address: number, value: number): void {
  writeWord(scratchView, 0, value);
  copy(address, scratch, WORD_BYTES);
}

/** `count` words from `address` on. */
export function readWords<T extends number>(address: number, count: number): T[] {
  const bytes = new Uint8Array(count * WORD_BYTES);
  if (count > 0) copy(bytes, address, bytes.length);
  const view = new DataView(bytes.buffer);
  return Array.from({ length: count }, (_, index) => readWord(view, index * WORD_BYTES) as T);
}

/** Writes the first `count` of `values` as words. */
export function writeWords(address: number, values: readonly number[], count: number): void {
  if (count === 0) return;
  const bytes = new Uint8Array(count * WORD_BYTES);
  const view = new DataView(bytes.buffer);
  for (let index = 0; index < count; index++) {
    writeWord(view, index * WORD_BYTES, values[index] ?? 0);
  }
  copy(address, bytes, bytes.length);
}

/** Writes 32 bits. */
export function writeUint32At(address: number, value: number): void {
  scratchView.setUint32(0, value, true);
  copy(address, scratch, 4);
}

/** A copy of the `numBytes` bytes of a struct, to read fields from. */
export function readStruct(address: number, numBytes: number): DataView {
  const bytes = new Uint8Array(numBytes);
  copy(bytes, address, numBytes);
  return new DataView(bytes.buffer);
}
