/**
 * Messages that have come and are not read any more: the connection was ended meanwhile. Their bytes are nothing to
 * anybody, but handles that came with them would stay open, here or in the process that sent them.
 */
import type { IpczByteRange } from "@ipcz/api";
import { readObject } from "@ipcz/mojo-codec";
import { closeAll } from "./handle.ts";
import { Inbox } from "./inbox.ts";
import { receiveHandles, type ReceiveSupplies } from "./receive-handles.ts";
import type { Relation } from "./relation.ts";

/** Where the driver objects of a message are. */
export type ObjectsIn = (message: Uint8Array) => readonly IpczByteRange[];

/** Closes the handles in the whole frames at the beginning of `bytes`, from the other end of `relation`. */
export function closeHandlesIn(
  supplies: ReceiveSupplies,
  relation: Relation,
  objectsIn: ObjectsIn,
  bytes: Uint8Array,
): void {
  const accept = (buffer: Uint8Array, start: number, end: number): boolean => {
    const message = buffer.subarray(start, end);
    for (const range of objectsIn(message)) {
      const object = message.subarray(range.start, range.end);
      closeHandlesOf(supplies, relation, object);
    }
    return true;
  };
  new Inbox({ beginBatch: () => {}, accept, endBatch: () => true }, bytes.length).push(bytes);
}

function closeHandlesOf(supplies: ReceiveSupplies, relation: Relation, object: Uint8Array): void {
  const read = readObject(object, object.length, "inside");
  const received = read?.handles && receiveHandles(supplies, relation, read.handles);
  if (!received) return;
  closeAll(received.handles);
  received.end?.close();
}
