/**
 * What stands before a value in a parcel of a port: a version, what kind of message it is, and what travels beside it.
 *
 * ```
 * byte    version
 * byte    kind: 1 a value, 0 what kept one from being sent
 * varint  count of things beside it, then a byte for each: its kind
 * value
 * ```
 *
 * Each thing takes as many of the parcel's handles as its kind says, in order, and all handles are taken.
 */
import { type BytesIn, MalformedMessage } from "../clone/bytes-in.ts";
import type { BytesOut } from "../clone/bytes-out.ts";
import { CLONE_VERSION } from "../clone/format.ts";

/** Kinds of messages. */
export const MessageKind = { failure: 0, value: 1 } as const;

/** Kinds of what travels beside a value. */
export const TransferKind = {
  port: 1,
  readable: 2,
  writable: 3,
  transform: 4,
  file: 5,
  socket: 6,
} as const;
export type TransferKind = (typeof TransferKind)[keyof typeof TransferKind];

/** Handles that each kind takes; undefined: no such kind. */
export const handlesPerKind: readonly (number | undefined)[] = [undefined, 1, 1, 1, 2, 1, 1];

/** Most handles of one message. A sender is told; a parcel with more is refused unread. */
export const handlesMax = 4096;

export function writeHeader(out: BytesOut, kinds: readonly TransferKind[]): void {
  out.byte(CLONE_VERSION);
  out.byte(MessageKind.value);
  out.varint(kinds.length);
  for (const kind of kinds) out.byte(kind);
}

/** The kinds of what travels beside the value, which must take `handleCount` handles; null: a failure follows. */
export function readHeader(from: BytesIn, handleCount: number): TransferKind[] | null {
  const version = from.byte();
  if (version !== CLONE_VERSION)
    throw new MalformedMessage(`a message of version ${version}, known is ${CLONE_VERSION}`);
  const kind = from.byte();
  if (kind === MessageKind.failure) return null;
  if (kind !== MessageKind.value) throw new MalformedMessage("no such kind of message");
  const kinds: TransferKind[] = [];
  let handles = 0;
  for (let left = from.varint(); left > 0; left--) {
    const each = from.byte();
    const taken = handlesPerKind[each];
    if (taken === undefined) throw new MalformedMessage("nothing of that kind travels");
    handles += taken;
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- it is in the list of kinds
    kinds.push(each as TransferKind);
  }
  if (handles !== handleCount) throw new MalformedMessage("handles that nobody speaks of");
  return kinds;
}
