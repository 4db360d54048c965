/**
 * The caller's mistakes, told apart once for all functions.
 *
 * A count comes with a buffer that must hold as much; counts are safe integers from 0. TypeScript callers may pass
 * anything, so nothing is taken for granted.
 */
import type { IpczHandle, Out } from "@ipcz/api";
import type { Attachment } from "../parcels/attachment.ts";
import { Box } from "../parcels/box.ts";
import { canSend } from "../routing/outbound.ts";
import { Router } from "../routing/router.ts";
import type { Core } from "./core.ts";

/** A count or size. */
export function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}

/** `count` bytes can be read from, or written to, `buffer`. */
export function isBuffer(buffer: Uint8Array | null, count: number): boolean {
  if (!isCount(count)) return false;
  if (buffer === null || buffer === undefined) return count === 0;
  return buffer instanceof Uint8Array && count <= buffer.length;
}

/** `count` handles can be read from `list`. */
export function isInputList(list: readonly IpczHandle[] | null, count: number): boolean {
  if (!isCount(count)) return false;
  if (list === null || list === undefined) return count === 0;
  return Array.isArray(list) && count <= list.length;
}

/** Handles can be written to `list` from index 0; it grows as needed. */
export function isOutputList(list: IpczHandle[] | null, capacity: number): boolean {
  if (!isCount(capacity)) return false;
  return capacity === 0 || Array.isArray(list);
}

/** The capacity in an in/out cell; a missing cell means 0. */
export function capacityOf(cell: Out<number> | null): number {
  return cell?.value ?? 0;
}

/**
 * The objects behind the first `count` handles, if all of them may be put into `portal`. They stay the caller's.
 * Null: one is no attachment, may not travel from here, or is listed twice.
 */
export function findAttachments(
  core: Core,
  portal: Router,
  handles: readonly IpczHandle[] | null,
  count: number,
): Attachment[] | null {
  const found: Attachment[] = [];
  for (let index = 0; index < count; index++) {
    const handle = handles?.[index];
    const attachment = handle === undefined ? null : core.attachment(handle);
    if (!attachment || !canSend(portal, attachment)) return null;
    found.push(attachment);
  }
  return new Set(found).size === count ? found : null;
}

/** The handles' objects are the parcel's from now on. */
export function takeHandles(
  core: Core,
  handles: readonly IpczHandle[] | null,
  attachments: readonly Attachment[],
): void {
  for (const [index, attachment] of attachments.entries()) {
    const handle = handles?.[index];
    if (handle !== undefined && (attachment instanceof Router || attachment instanceof Box))
      core.removeAttachment(handle, attachment);
  }
}
