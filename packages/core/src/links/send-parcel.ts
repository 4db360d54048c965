/**
 * A parcel leaves over one sublink: subparcels first, then the main part; portals become descriptors, driver objects
 * travel along or are relayed (spec: routing 3.1, wire 2.2).
 *
 * Twin of receive-parcel.ts.
 */
import { assert, verify } from "../base/assert.ts";
import type { DriverObject } from "../driver/driver-object.ts";
import type { LinkMemory } from "../memory/link-memory.ts";
import type { Attachment } from "../parcels/attachment.ts";
import { Box } from "../parcels/box.ts";
import type { Parcel } from "../parcels/parcel.ts";
import {
  HANDLE_DRIVER_OBJECT,
  HANDLE_PORTAL,
  HANDLE_RELAYED_DRIVER_OBJECT,
  HANDLE_SUBPARCEL,
  NULL_FRAGMENT,
  type RouterDescriptor,
} from "../wire/descriptors.ts";
import type { SublinkId } from "../wire/ids.ts";
import { AcceptParcel, AcceptParcelDriverObjects } from "../wire/messages/parcel.ts";
import { Limits } from "../base/limits.ts";
import type { LinkedRouter, NodePeer } from "./contract.ts";

/** One message's worth of a parcel, its attachments sorted by what becomes of them. */
interface Part {
  readonly parcel: Parcel;
  readonly handleTypes: number[];
  readonly portals: LinkedRouter[];
  readonly objects: DriverObject[];
  readonly subparcels: Parcel[];
}

const NO_OBJECTS: readonly DriverObject[] = [];
const NO_BYTES = new Uint8Array(0);

/**
 * Takes `parcel`. False: something attached cannot be made into bytes; the parcel is closed, and the route must be cut,
 * since the far end would wait for this number for ever.
 */
export function sendParcel(node: NodePeer, sublink: SublinkId, parcel: Parcel): boolean {
  if (parcel.attachments.length === 0) {
    node.sendPlainParcel(sublink, parcel);
    return true;
  }
  const { memory } = node;
  const main = sortAttachments(memory, parcel);
  const subparcels = main?.subparcels.map((subparcel) => sortAttachments(memory, subparcel)) ?? [];
  const parts: Part[] = [];
  for (const part of subparcels) if (part && part.subparcels.length === 0) parts.push(part);
  const count = subparcels.length + 1;
  if (!main || parts.length < subparcels.length || count > Limits.subparcelsMax) {
    for (const part of [main, ...subparcels]) if (part) closePart(part);
    return false;
  }
  for (const [index, part] of parts.entries())
    sendPart(node, sublink, parcel.sequenceNumber, index + 1, count, part);
  sendPart(node, sublink, parcel.sequenceNumber, 0, count, main);
  return true;
}

/** Takes the attachments out of `parcel`. Null: one cannot be serialized; all of them are closed then. */
function sortAttachments(memory: LinkMemory, parcel: Parcel): Part | null {
  const part: Part = { parcel, handleTypes: [], portals: [], objects: [], subparcels: [] };
  const attachments = parcel.takeAttachments(parcel.attachments.length);
  let complete = true;
  for (const attachment of attachments)
    if (!complete || !sortAttachment(memory, attachment, part)) {
      complete = false;
      attachment.close();
    }
  if (complete) return part;
  closePart(part);
  return null;
}

function sortAttachment(memory: LinkMemory, attachment: Attachment, part: Part): boolean {
  if (isRouter(attachment)) {
    part.handleTypes.push(HANDLE_PORTAL);
    part.portals.push(attachment);
    return true;
  }
  assert(attachment instanceof Box, "attachments are portals or boxes");
  const content = verify(attachment.take(), "an attached box is full");
  switch (content.type) {
    case "driver":
      part.handleTypes.push(HANDLE_DRIVER_OBJECT);
      part.objects.push(content.object);
      return true;
    case "subparcel":
      part.handleTypes.push(HANDLE_SUBPARCEL);
      part.subparcels.push(content.parcel);
      return true;
    case "application": {
      const subparcel = content.object.serialize(memory);
      if (!subparcel) return false;
      part.handleTypes.push(HANDLE_SUBPARCEL);
      part.subparcels.push(subparcel);
      return true;
    }
  }
}

function isRouter(attachment: Attachment): attachment is LinkedRouter {
  return attachment.kind === "portal";
}

function closePart(part: Part): void {
  part.parcel.close();
  for (const portal of part.portals) portal.close();
  for (const object of part.objects) object.close();
  for (const subparcel of part.subparcels) subparcel.close();
}

/** Describing the routers, sending, and putting their new links to use is one uninterrupted step. */
function sendPart(
  node: NodePeer,
  sublink: SublinkId,
  sequenceNumber: number,
  subparcelIndex: number,
  numSubparcels: number,
  part: Part,
): void {
  const { parcel, portals, objects, handleTypes } = part;
  const newRouters: RouterDescriptor[] = [];
  for (const portal of portals) newRouters.push(portal.depart(node));
  const relayed = objects.length > 0 && !node.canCarry(objects);
  if (relayed)
    node.send(
      AcceptParcelDriverObjects,
      { sublink, sequenceNumber, driverObjects: { first: 0, count: objects.length } },
      objects,
    );
  const fragment = parcel.data.takeFragmentFor(node.memory);
  node.send(
    AcceptParcel,
    {
      sublink,
      sequenceNumber,
      subparcelIndex,
      numSubparcels,
      parcelFragment: fragment?.descriptor ?? NULL_FRAGMENT,
      parcelData: fragment ? NO_BYTES : parcel.data.bytes(),
      handleTypes: relayed ? handleTypes.map(asRelayed) : handleTypes,
      newRouters,
      driverObjects: { first: 0, count: relayed ? 0 : objects.length },
    },
    relayed ? NO_OBJECTS : objects,
  );
  parcel.data.release();
  for (const portal of portals) {
    portal.beginProxying();
    portal.release();
  }
}

function asRelayed(type: number): number {
  return type === HANDLE_DRIVER_OBJECT ? HANDLE_RELAYED_DRIVER_OBJECT : type;
}
