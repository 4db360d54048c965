/** Two connected nodes, messages with parcels that one sends to the other, and what arrives with them. */
import { Box } from "../../src/parcels/box.ts";
import type { Attachment } from "../../src/parcels/attachment.ts";
import type { Parcel } from "../../src/parcels/parcel.ts";
import { NULL_FRAGMENT } from "../../src/wire/descriptors.ts";
import type { SublinkId } from "../../src/wire/ids.ts";
import type { AcceptParcel } from "../../src/wire/messages/parcel.ts";
import type { MessageOf } from "../../src/wire/schema.ts";
import { TwoNodes } from "./two-nodes.ts";

export const FIRST = 0 as SublinkId;
export const EARLY = 500 as SublinkId;

export function connected(options: ConstructorParameters<typeof TwoNodes>[0] = {}) {
  const nodes = new TwoNodes(options);
  const [[pa, pb] = []] = nodes.net.initialPortals(nodes.a, nodes.b, 1);
  if (!pa || !pb) throw new Error("no portals");
  nodes.net.run();
  return Object.assign(nodes, { pa, pb });
}

export function message(
  values: Partial<MessageOf<typeof AcceptParcel>>,
): MessageOf<typeof AcceptParcel> {
  return {
    sublink: FIRST,
    sequenceNumber: 0,
    subparcelIndex: 0,
    numSubparcels: 1,
    parcelFragment: NULL_FRAGMENT,
    parcelData: new Uint8Array(),
    handleTypes: [],
    newRouters: [],
    driverObjects: { first: 0, count: 0 },
    ...values,
  };
}

export function objectOf(box: Box) {
  const content = box.take();
  if (content?.type !== "driver") throw new Error("not a driver object");
  return content.object;
}

/** What is attached to the next parcel at `router`. */
export function attached(nodes: ReturnType<typeof connected>): readonly Attachment[] {
  const parcel = nodes.b.take(nodes.pb);
  return parcel?.takeAttachments(parcel.attachments.length) ?? [];
}

export function contentOf(attachment: Attachment | undefined) {
  if (!(attachment instanceof Box) || !attachment.content) throw new Error("not a box");
  return attachment.content;
}

export function subparcelIn(attachment: Attachment | undefined): Parcel {
  const content = contentOf(attachment);
  if (content.type !== "subparcel") throw new Error("not a subparcel");
  return content.parcel;
}
