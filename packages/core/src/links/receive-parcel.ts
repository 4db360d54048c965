/**
 * A message becomes a part of a parcel: descriptors become routers, objects become boxes, data is copied or left in its
 * fragment. Nothing is kept if anything about it is bad (spec: routing 10.6, wire 2.2).
 *
 * Twin of send-parcel.ts.
 */
import { assert, verify } from "../base/assert.ts";
import type { SequenceNumber } from "../base/sequence.ts";
import { closeObjects, type DriverObject } from "../driver/driver-object.ts";
import type { ObjectBag } from "../driver/object-bag.ts";
import type { Fragment } from "../memory/fragment.ts";
import { type Attachment, NO_ATTACHMENTS } from "../parcels/attachment.ts";
import { Box } from "../parcels/box.ts";
import { Parcel } from "../parcels/parcel.ts";
import { ParcelData } from "../parcels/parcel-data.ts";
import {
  HANDLE_DRIVER_OBJECT,
  HANDLE_PORTAL,
  HANDLE_RELAYED_DRIVER_OBJECT,
} from "../wire/descriptors.ts";
import { NO_BUFFER, type SublinkId } from "../wire/ids.ts";
import type { AcceptParcel } from "../wire/messages/parcel.ts";
import type { MessageOf } from "../wire/schema.ts";
import { readParcelSize } from "../memory/parcel-fragment.ts";
import type { NodePeer, RouterArrivals } from "./contract.ts";

type AcceptParcelMessage = MessageOf<typeof AcceptParcel>;

/** A place in the attachment list whose content comes separately: the relayed half, or a subparcel. */
export type Hole = "relayed" | "subparcel";

/** The main part or one subparcel of a parcel, as far as it has arrived. */
export class ParcelPart {
  readonly sublink: SublinkId;
  readonly sequenceNumber: SequenceNumber;
  readonly subparcelIndex: number;
  readonly numSubparcels: number;
  /** In the order in which they were attached. */
  readonly slots: (Attachment | Hole)[];
  /** Null while the fragment's buffer is not known. */
  data: ParcelData | null;
  readonly pending: Fragment | null;

  constructor(
    message: AcceptParcelMessage,
    slots: (Attachment | Hole)[],
    data: ParcelData | null,
    pending: Fragment | null,
  ) {
    this.sublink = message.sublink;
    this.sequenceNumber = message.sequenceNumber;
    this.subparcelIndex = message.subparcelIndex;
    this.numSubparcels = message.numSubparcels;
    this.slots = slots;
    this.data = data;
    this.pending = pending;
  }

  /** Bytes; for limits. */
  get size(): number {
    return this.wholeData.size;
  }

  holes(kind: Hole): number {
    let count = 0;
    for (const slot of this.slots) if (slot === kind) count++;
    return count;
  }

  /** Fills the holes of one kind, in order; as many as there are boxes. */
  fill(kind: Hole, boxes: readonly Box[]): void {
    let next = 0;
    for (const [index, slot] of this.slots.entries()) {
      const box = slot === kind ? boxes[next] : undefined;
      if (!box) continue;
      this.slots[index] = box;
      next++;
    }
  }

  /** The parcel, once no hole is left; the part must not be used after. */
  toParcel(): Parcel {
    const attachments: Attachment[] = [];
    for (const slot of this.slots) {
      assert(typeof slot !== "string", "a part whose holes are filled becomes a parcel");
      attachments.push(slot);
    }
    const parcel = new Parcel(
      this.wholeData,
      attachments.length === 0 ? NO_ATTACHMENTS : attachments,
    );
    parcel.sequenceNumber = this.sequenceNumber;
    return parcel;
  }

  close(): void {
    this.data?.release();
    for (const slot of this.slots) if (typeof slot !== "string") slot.close();
    this.slots.length = 0;
  }

  private get wholeData(): ParcelData {
    return verify(this.data, "a part goes on once its data is there");
  }
}

/** Null: the message is invalid, and what had been made of it is closed. Objects left in `bag` are the caller's. */
export function receiveParcel(
  node: NodePeer,
  arrivals: RouterArrivals,
  message: AcceptParcelMessage,
  bag: ObjectBag,
): ParcelPart | null {
  const objects = bag.takeClaimed(message.driverObjects);
  const slots: (Attachment | Hole)[] = [];
  const filled = fillSlots(node, arrivals, message, objects, slots);
  const part = filled ? takeData(node, message, slots) : null;
  if (part) return part;
  for (const slot of slots) if (typeof slot !== "string") slot.close();
  return null;
}

/**
 * Takes `objects`. False: a portal's descriptor is invalid. Decoding saw to it that every attachment has what it needs
 * (checkAcceptParcel).
 */
function fillSlots(
  node: NodePeer,
  arrivals: RouterArrivals,
  message: AcceptParcelMessage,
  objects: readonly DriverObject[],
  slots: (Attachment | Hole)[],
): boolean {
  let nextRouter = 0;
  let nextObject = 0;
  for (const type of message.handleTypes)
    if (type === HANDLE_PORTAL) {
      const descriptor = verify(message.newRouters[nextRouter++], "a portal has a descriptor");
      const router = arrivals.arrive(node, descriptor, message.sublink);
      if (!router) {
        closeObjects(objects.slice(nextObject));
        return false;
      }
      slots.push(router);
    } else if (type === HANDLE_DRIVER_OBJECT) {
      const object = verify(objects[nextObject++], "an attached object has come");
      slots.push(new Box({ type: "driver", object }));
    } else slots.push(type === HANDLE_RELAYED_DRIVER_OBJECT ? "relayed" : "subparcel");
  return true;
}

function takeData(
  node: NodePeer,
  message: AcceptParcelMessage,
  slots: (Attachment | Hole)[],
): ParcelPart | null {
  if (message.parcelFragment.bufferId === NO_BUFFER) {
    const { parcelData } = message;
    const copy = ParcelData.received(node.memory, parcelData, 0, parcelData.length);
    return new ParcelPart(message, slots, copy, null);
  }
  const fragment = node.memory.resolve(message.parcelFragment);
  if (fragment.region === null) {
    if (!fragment.isPending) return null;
    return new ParcelPart(message, slots, null, fragment);
  }
  const data = dataInFragment(node, fragment);
  return data ? new ParcelPart(message, slots, data, null) : null;
}

/** The parcel in an addressable fragment; null: what its header says does not fit. The size is read once. */
export function dataInFragment(node: NodePeer, fragment: Fragment): ParcelData | null {
  const size = readParcelSize(fragment);
  return size === null ? null : ParcelData.fragment(node.memory, fragment, size);
}
