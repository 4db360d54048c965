/**
 * A parcel leaves a portal: it gets its number, and is handed over or queued (spec: routing 2.2).
 */
import { assert, verify } from "../base/assert.ts";
import type { LinkMemory } from "../memory/link-memory.ts";
import type { Attachment } from "../parcels/attachment.ts";
import { Box } from "../parcels/box.ts";
import type { Parcel } from "../parcels/parcel.ts";
import { RouterState } from "./router-state.ts";

/** Nobody will ever read what is put: the peer's end of the sequence is known. */
export function refusesPuts(router: RouterState): boolean {
  return router.isPeerClosed || router.inbound.end !== null;
}

/** The memory in which a parcel for the current outward link should be written; null: the heap. */
export function memoryForParcels(router: RouterState): LinkMemory | null {
  const link = router.outward.primary;
  return link?.kind === "remote" && !link.node.isDead ? link.node.memory : null;
}

/** May `attachment` be put into `router`'s portal? (spec: api 2.3.7) */
export function canSend(router: RouterState, attachment: Attachment): boolean {
  if (attachment instanceof RouterState)
    return attachment !== router && attachment !== router.localPeer;
  return attachment instanceof Box && canSendBox(router, attachment);
}

function canSendBox(router: RouterState, box: Box): boolean {
  const content = verify(box.content, "a box that can be attached is full");
  switch (content.type) {
    case "driver":
      return content.object.isSerializable();
    case "application":
      return true;
    case "subparcel":
      return content.parcel.attachments.every((inner) => canSend(router, inner));
  }
}

/**
 * Bytes up to which a parcel travels inside its message: writing and reading them there costs less than a block of shared
 * memory, whose list of free blocks the processors of both nodes pull back and forth.
 */
const INLINE_BYTES_MAX = 2048;

/**
 * Sends the first `numBytes` bytes of `data`, which are lent, if they are few and can go to another node at once: no
 * parcel is made of them. False, and nothing was done, when a parcel has to be; refusesPuts was asked before.
 */
export function sendBytes(router: RouterState, data: Uint8Array, numBytes: number): boolean {
  const link = router.outward.primary;
  if (numBytes > INLINE_BYTES_MAX || link?.kind !== "remote") return false;
  const number = router.outbound.reach;
  if (!router.outbound.skip(number)) return false;
  link.sendBytes(number, data, numBytes);
  return true;
}

/**
 * Sends `parcel`, which belongs to the route from now on; refusesPuts was asked before.
 *
 * The direct way is open when nothing is queued before it. That holds also while a link decays: a router with both
 * links has sent everything below the decaying link's limit.
 */
export function sendFromPortal(router: RouterState, parcel: Parcel): void {
  assert(router.isTerminal, "I10: parcels get their numbers from the terminal router");
  const number = router.outbound.reach;
  parcel.sequenceNumber = number;
  const link = router.outward.primary;
  if (link && router.outbound.skip(number)) {
    link.sendParcel(parcel);
    return;
  }
  const queued = router.outbound.push(number, parcel);
  assert(queued, "a portal that is open has room for the next parcel");
  router.settle(false);
}
