/**
 * The caller's mistakes, told apart once for all functions.
 *
 * A count comes with a buffer that must hold as much; counts are safe integers from 0. TypeScript callers may pass
 * anything, so nothing is taken for granted.
 */
import type { IpczHandle, Out } from "@ipcz/api";
import { type Attachment, NO_ATTACHMENTS } from "../parcels/attachment.ts";
import type { Box } from "../parcels/box.ts";
import { canSend } from "../routing/outbound.ts";
import type { Router } from "../routing/router.ts";
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

/** What handles name, in the order in which they were listed. */
export type FoundAttachments = ReadonlyMap<IpczHandle, Router | Box>;

export const NONE_FOUND: FoundAttachments = new Map();

/**
 * The objects behind the first `count` handles, if all of them may be put into `portal`. They stay the caller's.
 * Null: one is no attachment, may not travel from here, or is listed twice.
 */
export function findAttachments(
  core: Core,
  portal: Router,
  handles: readonly IpczHandle[] | null,
  count: number,
): FoundAttachments | null {
  if (count === 0 || !handles) return NONE_FOUND;
  const found = new Map<IpczHandle, Router | Box>();
  for (const handle of handles.slice(0, count)) {
    const attachment = core.attachment(handle);
    if (!attachment || !canSend(portal, attachment)) return null;
    found.set(handle, attachment);
  }
  return found.size === count ? found : null;
}

/** Ends the handles; their objects belong to the parcel that is made with the answer. */
export function takeAttachments(core: Core, found: FoundAttachments): readonly Attachment[] {
  if (found.size === 0) return NO_ATTACHMENTS;
  for (const [handle, attachment] of found) core.removeAttachment(handle, attachment);
  return [...found.values()];
}
