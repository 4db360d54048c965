/**
 * Writes the message of a parcel without attachments, the common case, into a buffer that is used again and again.
 *
 * The buffer is taken while its message is transmitted: a synchronous transport may cause the next parcel to be sent
 * before that returns, and it must not overwrite what is being read.
 */
import type { SequenceNumber } from "../base/sequence.ts";
import type { Parcel } from "../parcels/parcel.ts";
import { PARCEL_DATA_OFFSET, writeAcceptParcel } from "../wire/accept-parcel.ts";
import { type FragmentDescriptor, NULL_FRAGMENT } from "../wire/descriptors.ts";
import type { SublinkId } from "../wire/ids.ts";

/** Buffers up to this size are kept. */
const KEPT_BYTES = 4096;

export class PlainParcelWriter {
  private spare: Uint8Array | null = null;

  /** A buffer for a message of `numBytes` bytes. */
  take(numBytes: number): Uint8Array {
    const { spare } = this;
    this.spare = null;
    if (spare && numBytes <= spare.length) return spare;
    return new Uint8Array(Math.max(numBytes, KEPT_BYTES));
  }

  /** The message in `bytes` was transmitted. */
  giveBack(bytes: Uint8Array): void {
    if (bytes.length === KEPT_BYTES) this.spare = bytes;
  }
}

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
