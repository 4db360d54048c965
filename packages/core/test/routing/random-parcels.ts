/**
 * Parcels of a random network: each says who sends it, which one it is and which ends come with it, and is checked for
 * that where it arrives.
 */
import type { Attachment } from "../../src/parcels/attachment.ts";
import { type ApplicationObject, Box } from "../../src/parcels/box.ts";
import { Parcel } from "../../src/parcels/parcel.ts";
import { ParcelData } from "../../src/parcels/parcel-data.ts";
import { Router } from "../../src/routing/router.ts";
import type { NetNode } from "../links/net-node.ts";
import { assertThat } from "./assert-that.ts";
import type { End, RandomScene } from "./random-scene.ts";

/** What an application object in a box becomes: a subparcel with a portal in it. */
class PortalHolder implements ApplicationObject {
  readonly object = "holder";
  readonly serializer = null;
  readonly destructor = null;
  private portal: Router | null;

  constructor(portal: Router) {
    this.portal = portal;
  }

  serialize(): Parcel {
    return new Parcel(ParcelData.heap(new Uint8Array([1, 2, 3])), this.take());
  }

  take(): Attachment[] {
    const { portal } = this;
    this.portal = null;
    return portal ? [portal] : [];
  }

  destroy(): void {
    this.portal?.close();
    this.portal = null;
  }
}

/** Sends these portals and boxes from `end`; boxes that are refused are closed. */
export function send(
  scene: RandomScene,
  end: End,
  portals: readonly End[],
  boxes: readonly Box[],
  wrapped = false,
): void {
  const bytes = payload(scene, end, portals, wrapped);
  const routers: Attachment[] = portals.map(({ router }) =>
    wrapped ? new Box({ type: "application", object: new PortalHolder(router) }) : router,
  );
  const sent = end.node.put(end.router, bytes, [...routers, ...boxes]);
  if (!sent) {
    end.node.call(() => {
      for (const box of boxes) box.close();
    });
    return;
  }
  scene.log.push(
    `${end.node.label} puts ${end.id}/${end.sent} [${portals.map((p) => p.id).join()}]`,
  );
  end.sent++;
  for (const portal of portals) portal.state = "moving";
}

/** Who sends, which parcel it is, and what is attached; sometimes with much behind it. */
function payload(
  scene: RandomScene,
  end: End,
  portals: readonly End[],
  wrapped: boolean,
): Uint8Array {
  const size = [0, 0, 0, 8, 300, 2000, 5000][scene.random.below(7)] ?? 0;
  const words = new Uint32Array(4 + portals.length + size / 4);
  words.set([end.id, end.sent, portals.length, wrapped ? 1 : 0, ...portals.map(({ id }) => id)]);
  return new Uint8Array(words.buffer);
}

/** Reads what there is; true: there was something. */
export function readAll(scene: RandomScene, end: End): boolean {
  let found = false;
  for (let parcel = end.node.take(end.router); parcel; parcel = end.node.take(end.router)) {
    found = true;
    accept(scene, end, parcel);
  }
  return found;
}

function accept(scene: RandomScene, end: End, parcel: Parcel): void {
  const bytes = parcel.data.bytes().slice();
  const words = new Uint32Array(bytes.buffer, 0, Math.floor(bytes.length / 4));
  const [sender = -1, number = -1, count = 0, wrapped = 0] = words;
  scene.log.push(`${end.node.label} gets ${sender}/${number} at ${end.id}`);
  assertThat(sender === end.peer?.id, `end ${end.id} got a parcel of ${sender}`);
  assertThat(number === end.got, `end ${end.id} got ${number} instead of ${end.got}`);
  end.got++;
  const attachments = parcel.takeAttachments(parcel.attachments.length);
  for (let index = 0; index < count; index++) {
    const attachment = attachments[index];
    const router = wrapped === 1 ? unwrap(end.node, attachment) : attachment;
    const arrived = scene.ends[words[4 + index] ?? -1];
    assertThat(router instanceof Router && arrived !== undefined, "a portal is missing");
    arrived.router = router;
    arrived.node = end.node;
    arrived.state = "held";
  }
  end.node.call(() => {
    for (const box of attachments.slice(count)) {
      assertThat(
        box instanceof Box && box.content?.type === "driver" && box.content.object.isValid,
        "a box came without its object",
      );
      box.close();
    }
    parcel.close();
  });
}

function unwrap(node: NetNode, attachment: Attachment | undefined): Attachment | undefined {
  const content = attachment instanceof Box ? attachment.take() : null;
  if (content?.type === "subparcel") {
    const [portal] = content.parcel.takeAttachments(1);
    node.call(() => content.parcel.close());
    return portal;
  }
  if (content?.type === "application" && content.object instanceof PortalHolder)
    return content.object.take()[0];
  return undefined;
}
