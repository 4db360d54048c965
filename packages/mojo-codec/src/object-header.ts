/**
 * What every serialized object begins with: its type, and on Windows its handles (spec: mojo 2.1).
 *
 * On POSIX systems handles travel beside the message. On Windows their values are in the object's bytes, and the header
 * says in whose process they are valid.
 */

/** Types of objects by number. What never travels has one too, and is refused. */
export const ObjectType = {
  transport: 0,
  sharedBuffer: 1,
  platformHandle: 4,
  dataPipe: 5,
} as const;
export type ObjectType = (typeof ObjectType)[keyof typeof ObjectType];

/** Handles inside an object's bytes. */
export interface InlineHandles {
  /** In whose process the values are valid: the sender's (the receiver fetches them) or already the recipient's. */
  readonly owner: "sender" | "recipient";
  readonly values: readonly bigint[];
}

/** Where handles are: beside the message (POSIX), or inside the object's bytes (Windows). */
export type HandlePlacement = "beside" | "inside";

/** Bytes of a header without handles, by placement; longer ones may come, and are skipped. */
const headerBytes = { beside: 8, inside: 16 } as const;
const handleBytes = 8;
const at = { headerBytes: 0, type: 4, handleCount: 8, owner: 12 } as const;
const owners = ["sender", "recipient"] as const;

/** A header, read. */
export interface ObjectHeader {
  readonly type: number;
  /** Null where handles are beside the message. */
  readonly handles: InlineHandles | null;
  /** Where the object's body begins. */
  readonly bodyStart: number;
}

/** Bytes of a header with these handles; null: they are beside the message. */
export function objectHeaderBytes(handles: InlineHandles | null): number {
  if (handles === null) return headerBytes.beside;
  return headerBytes.inside + handleBytes * handles.values.length;
}

/** Writes a header at the start of `view`, and answers where the body begins. */
export function writeObjectHeader(
  view: DataView,
  type: ObjectType,
  handles: InlineHandles | null,
): number {
  view.setUint32(at.type, type, true);
  if (handles === null) {
    view.setUint32(at.headerBytes, headerBytes.beside, true);
    return headerBytes.beside;
  }
  view.setUint32(at.headerBytes, headerBytes.inside, true);
  view.setUint32(at.handleCount, handles.values.length, true);
  view.setUint32(at.owner, owners.indexOf(handles.owner), true);
  let next: number = headerBytes.inside;
  for (const value of handles.values) {
    view.setBigUint64(next, value, true);
    next += handleBytes;
  }
  return next;
}

/** Reads the header at the start of `view`; null when no honest sender writes it. */
export function readObjectHeader(view: DataView, placement: HandlePlacement): ObjectHeader | null {
  const least = headerBytes[placement];
  if (view.byteLength < least) return null;
  const length = view.getUint32(at.headerBytes, true);
  if (length < least || length > view.byteLength || length % 8 !== 0) return null;
  const type = view.getUint32(at.type, true);
  if (placement === "beside") return { type, handles: null, bodyStart: length };
  const handles = readHandles(view, length);
  return handles && { type, handles, bodyStart: length + handleBytes * handles.values.length };
}

function readHandles(view: DataView, start: number): InlineHandles | null {
  const count = view.getUint32(at.handleCount, true);
  const owner = owners[view.getUint8(at.owner)];
  if (owner === undefined || count > (view.byteLength - start) / handleBytes) return null;
  const values: bigint[] = [];
  for (let index = 0; index < count; index++) {
    values.push(view.getBigUint64(start + index * handleBytes, true));
  }
  return { owner, values };
}
