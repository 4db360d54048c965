/**
 * The common case of receive-parcel.ts: a parcel in one part, with nothing attached, for a router that is known. It is
 * delivered without the steps that wait for something.
 */
import type { Verdict } from "../base/verdict.ts";
import { Parcel } from "../parcels/parcel.ts";
import { ParcelData } from "../parcels/parcel-data.ts";
import { NO_BUFFER } from "../wire/ids.ts";
import type { AcceptParcel } from "../wire/messages/parcel.ts";
import type { MessageOf } from "../wire/schema.ts";
import type { NodePeer } from "./contract.ts";
import { dataInFragment } from "./receive-parcel.ts";

type AcceptParcelMessage = MessageOf<typeof AcceptParcel>;

export function isPlain(message: AcceptParcelMessage): boolean {
  return message.handleTypes.length === 0 && message.numSubparcels === 1;
}

/** Null: something about it is not common after all (buffer or sublink unknown); nothing was done. */
export function receivePlainParcel(node: NodePeer, message: AcceptParcelMessage): Verdict | null {
  const link = node.linkAt(message.sublink);
  if (!link) return null;
  let data: ParcelData | null;
  if (message.parcelFragment.bufferId === NO_BUFFER)
    data = ParcelData.received(node.memory, message.parcelData);
  else {
    const fragment = node.memory.resolve(message.parcelFragment);
    if (fragment.isPending) return null;
    data = dataInFragment(node, fragment);
  }
  if (!data) return "reject";
  const parcel = new Parcel(data);
  parcel.sequenceNumber = message.sequenceNumber;
  parcel.source = node;
  link.router.acceptParcel(link.type, parcel);
  return "accept";
}
