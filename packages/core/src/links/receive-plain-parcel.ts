/**
 * The common case of receive-parcel.ts: a parcel in one part, with nothing attached, for a router that is known. It is
 * read without making anything but the parcel, and delivered without the steps that wait for something.
 */
import type { Verdict } from "../base/verdict.ts";
import { Parcel } from "../parcels/parcel.ts";
import { ParcelData } from "../parcels/parcel-data.ts";
import { PlainParcel, readPlainParcel } from "../wire/accept-parcel.ts";
import { NO_BUFFER } from "../wire/ids.ts";
import type { NodePeer, RemoteRouterLink } from "./contract.ts";
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
  if (plain.bufferId !== NO_BUFFER) return receiveFragment(node, link);
  const data = ParcelData.received(node.memory, bytes, plain.dataStart, plain.dataLength);
  return deliver(node, link, data);
}

/** The bytes of the parcel that was read are in shared memory. */
function receiveFragment(node: NodePeer, link: RemoteRouterLink): Verdict | null {
  const { bufferId, fragmentOffset, fragmentSize } = plain;
  const descriptor = { bufferId, offset: fragmentOffset, size: fragmentSize };
  const fragment = node.memory.resolve(descriptor);
  if (fragment.isPending) return null;
  const data = dataInFragment(node, fragment);
  return data ? deliver(node, link, data) : "reject";
}

function deliver(node: NodePeer, link: RemoteRouterLink, data: ParcelData): Verdict {
  const parcel = new Parcel(data);
  parcel.sequenceNumber = plain.sequenceNumber;
  parcel.source = node;
  link.router.acceptParcel(link.type, parcel);
  return "accept";
}
