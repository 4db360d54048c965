/**
 * The common case of receive-parcel.ts: a parcel in one part, with nothing attached, for a router that is known. It is
 * read without making anything but the parcel, and delivered without the steps that wait for something.
 */
import { Parcel } from "../parcels/parcel.ts";
import { ParcelData } from "../parcels/parcel-data.ts";
import { PlainParcel, readPlainParcel } from "../wire/accept-parcel.ts";
import { NO_BUFFER } from "../wire/ids.ts";
import type { NodePeer, RemoteRouterLink } from "./contract.ts";
import { dataInFragment } from "./receive-parcel.ts";

/** Done with before anybody else is called. */
const plain = new PlainParcel();

/**
 * Receives the message in the `numBytes` bytes of `bytes` from `start`, which are lent. False: it is something else, or
 * not common after all (its buffer or sublink is unknown), or not sound; nothing was done.
 */
export function receivePlainParcel(
  node: NodePeer,
  bytes: Uint8Array,
  start: number,
  numBytes: number,
): boolean {
  if (!readPlainParcel(bytes, start, numBytes, plain)) return false;
  const link = node.linkAt(plain.sublink);
  if (!link) return false;
  if (plain.bufferId !== NO_BUFFER) return receiveFragment(node, link);
  const data = ParcelData.received(node.memory, bytes, plain.dataStart, plain.dataLength);
  return deliver(node, link, data);
}

/** The bytes of the parcel that was read are in shared memory. */
function receiveFragment(node: NodePeer, link: RemoteRouterLink): boolean {
  const { bufferId, fragmentOffset, fragmentSize } = plain;
  const descriptor = { bufferId, offset: fragmentOffset, size: fragmentSize };
  const fragment = node.memory.resolve(descriptor);
  if (fragment.isPending) return false;
  const data = dataInFragment(node, fragment);
  return data !== null && deliver(node, link, data);
}

function deliver(node: NodePeer, link: RemoteRouterLink, data: ParcelData): boolean {
  const parcel = new Parcel(data);
  parcel.sequenceNumber = plain.sequenceNumber;
  parcel.source = node;
  link.router.acceptParcel(link.type, parcel);
  return true;
}
