/**
 * The common case of receive-parcel.ts: a parcel in one part, with nothing attached, for a router that is known. It is
 * read without making anything but the parcel, and delivered without the steps that wait for something.
 */
import type { Verdict } from "../base/verdict.ts";
import { Parcel } from "../parcels/parcel.ts";
import { ParcelData } from "../parcels/parcel-data.ts";
import { PlainParcel, readPlainParcel } from "../wire/accept-parcel.ts";
import { NO_BUFFER } from "../wire/ids.ts";
import type { NodePeer } from "./contract.ts";
import { dataInFragment } from "./receive-parcel.ts";

/** Done with before anybody else is called. */
const plain = new PlainParcel();

/**
 * Receives the message in the `numBytes` bytes of `bytes` from `start`, which are lent. Null: it is something else, or
 * not common after all (its buffer or sublink is unknown); nothing was done.
 */
export function receivePlainParcel(
  node: NodePeer,
  bytes: Uint8Array,
  start: number,
  numBytes: number,
): Verdict | null {
  if (!readPlainParcel(bytes, start, numBytes, plain)) return null;
  const link = node.linkAt(plain.sublink);
  if (!link) return null;
  let data: ParcelData | null;
  if (plain.bufferId === NO_BUFFER)
    data = ParcelData.received(node.memory, bytes, plain.dataStart, plain.dataLength);
  else {
    const { bufferId, fragmentOffset, fragmentSize } = plain;
    const descriptor = { bufferId, offset: fragmentOffset, size: fragmentSize };
    const fragment = node.memory.resolve(descriptor);
    if (fragment.isPending) return null;
    data = dataInFragment(node, fragment);
  }
  if (!data) return "reject";
  const parcel = new Parcel(data);
  parcel.sequenceNumber = plain.sequenceNumber;
  parcel.source = node;
  link.router.acceptParcel(link.type, parcel);
  return "accept";
}
