/**
 * The message of a parcel without attachments, the common case, written into a buffer that the caller has.
 */
import type { SequenceNumber } from "../base/sequence.ts";
import type { Parcel } from "../parcels/parcel.ts";
import { PARCEL_DATA_OFFSET, writeAcceptParcel } from "../wire/accept-parcel.ts";
import { type FragmentDescriptor, NULL_FRAGMENT } from "../wire/descriptors.ts";
import type { SublinkId } from "../wire/ids.ts";

/** Writes a message that refers to a fragment; returns its bytes. */
export function writeFragmentParcel(
  target: Uint8Array,
  sublink: SublinkId,
  sequenceNumber: SequenceNumber,
  fragment: FragmentDescriptor,
): number {
  return writeAcceptParcel(target, sublink, sequenceNumber, 0, 1, fragment, 0);
}

/** Writes a message that holds the parcel's bytes, which may be in their place already; returns its bytes. */
export function writeInlineParcel(target: Uint8Array, sublink: SublinkId, parcel: Parcel): number {
  const { sequenceNumber } = parcel;
  const { size } = parcel.data;
  const numBytes = writeAcceptParcel(target, sublink, sequenceNumber, 0, 1, NULL_FRAGMENT, size);
  const bytes = parcel.data.bytes();
  const isInPlace = bytes.buffer === target.buffer;
  if (size > 0 && !isInPlace) target.set(bytes, PARCEL_DATA_OFFSET);
  return numBytes;
}

/** Up to this many bytes a loop is faster than a call of `set`; measured on Node 20. */
const LOOP_BYTES_MAX = 48;

/** Looked up once: Node 20 does it anew for each call, in 5 of 19 ns. */
// oxlint-disable-next-line typescript/unbound-method -- called with a receiver
const { set } = Uint8Array.prototype;

/** Writes a message that holds the first `numBytes` bytes of `data`. */
export function writeBytes(
  target: Uint8Array,
  sublink: SublinkId,
  sequenceNumber: SequenceNumber,
  data: Uint8Array,
  numBytes: number,
): void {
  writeAcceptParcel(target, sublink, sequenceNumber, 0, 1, NULL_FRAGMENT, numBytes);
  writeData(target, data, numBytes);
}

/** Writes only the first `numBytes` bytes of `data` to their place in a message. */
export function writeData(target: Uint8Array, data: Uint8Array, numBytes: number): void {
  if (numBytes <= LOOP_BYTES_MAX)
    for (let index = 0; index < numBytes; index++)
      target[PARCEL_DATA_OFFSET + index] = data[index]!;
  else {
    const bytes = data.length === numBytes ? data : data.subarray(0, numBytes);
    set.call(target, bytes, PARCEL_DATA_OFFSET);
  }
}
