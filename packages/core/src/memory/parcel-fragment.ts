/**
 * A parcel's bytes in a fragment: a word with their number, a reserved word, then the bytes (spec: wire 4.6).
 */
import { verify } from "../base/assert.ts";
import type { Fragment } from "./fragment.ts";

/** Bytes before the data. */
export const PARCEL_HEADER_BYTES = 8;

const UNMAPPED = "a parcel is in an addressable fragment";

/** Publishes `numBytes` bytes of data. To be done last, once they are complete. */
export function writeParcelSize(fragment: Fragment, numBytes: number): void {
  const region = verify(fragment.region, UNMAPPED);
  const offset = fragment.descriptor.offset;
  region.storePlain(offset + 4, 0);
  region.store(offset, numBytes);
}

/**
 * How many bytes of data the sender says there are; null when the fragment cannot hold a parcel, or not so many.
 * Call it once and keep the answer: the sender can change the word afterwards.
 */
export function readParcelSize(fragment: Fragment): number | null {
  const { region, descriptor } = fragment;
  if (region === null || descriptor.offset % 8 !== 0) return null;
  const room = descriptor.size - PARCEL_HEADER_BYTES;
  if (room <= 0) return null;
  const numBytes = region.loadU32(descriptor.offset);
  return numBytes <= room ? numBytes : null;
}

/** The fragment's room for data, all of it. */
export function parcelBytes(fragment: Fragment): Uint8Array {
  const region = verify(fragment.region, UNMAPPED);
  const { offset, size } = fragment.descriptor;
  return region.bytes(offset + PARCEL_HEADER_BYTES, size - PARCEL_HEADER_BYTES);
}
