/**
 * What can be attached to a parcel, as the objects that send see it; and what they make of a program's parcels.
 */
import type { IpczHandle } from "@ipcz/api";
import { noBytes, noHandles } from "./raw-parcel.ts";

/** Begins a transfer: the handle, for a call to be made now. Throws when there is none any more. */
export const offer: unique symbol = Symbol("ipcz offer");
/** Ends one that succeeded: the object has nothing left. */
export const handOver: unique symbol = Symbol("ipcz hand over");

/** Gives away all that makes an object, to be made into something else; the object has nothing left. */
export const surrender: unique symbol = Symbol("ipcz surrender");

/** Puts a copy of a descriptor into a box that can be sent with the portal. */
export const boxCopy: unique symbol = Symbol("ipcz box copy");

/** A portal or a box. */
export interface Attachable {
  /** @internal */
  [offer](what: string): IpczHandle;
  /** @internal */
  [handOver](): void;
}

/** Bytes of a parcel. Text travels as UTF-8. */
export type ParcelBytes = Uint8Array | ArrayBufferView | ArrayBuffer | SharedArrayBuffer | string;

/** A parcel to be put, in full. A received `Parcel` is one, too. */
export interface ParcelLike {
  /** None by default. */
  readonly bytes?: ParcelBytes;
  /** Portals and boxes, in the order in which they arrive. They are gone from here when the parcel is put. */
  readonly handles?: readonly Attachable[];
}

/** What can be put: a parcel, or just its bytes. */
export type Puttable = ParcelBytes | ParcelLike;

const encoder = new TextEncoder();

/** The bytes of what is to be put, where they lie. */
export function bytesOf(puttable: Puttable): Uint8Array {
  if (puttable instanceof Uint8Array) return puttable;
  if (typeof puttable === "string") return encoder.encode(puttable);
  if (ArrayBuffer.isView(puttable))
    return new Uint8Array(puttable.buffer, puttable.byteOffset, puttable.byteLength);
  if (isBuffer(puttable)) return new Uint8Array(puttable);
  if (typeof puttable !== "object" || puttable === null)
    throw new TypeError("a parcel is bytes, text or { bytes, handles }");
  const { bytes } = puttable;
  return bytes === undefined ? noBytes : bytesOf(bytes);
}

/** What it has attached. */
export function attachmentsOf(puttable: Puttable): readonly Attachable[] {
  const isParcel = typeof puttable === "object" && "handles" in puttable;
  return (isParcel ? puttable.handles : undefined) ?? [];
}

/** Their handles, for a call to be made now. Throws, with nothing changed, when one has none any more. */
export function offerAll(attachments: readonly Attachable[]): readonly IpczHandle[] {
  if (attachments.length === 0) return noHandles;
  return attachments.map((each) => {
    if (typeof each !== "object" || each === null || typeof each[offer] !== "function")
      throw new TypeError("only portals and boxes can be attached to a parcel");
    return each[offer]("attach it to a parcel");
  });
}

/** The call has succeeded: all of them are gone. */
export function handOverAll(attachments: readonly Attachable[]): void {
  for (const each of attachments) each[handOver]();
}

function isBuffer(value: unknown): value is ArrayBuffer | SharedArrayBuffer {
  if (value instanceof ArrayBuffer) return true;
  return typeof SharedArrayBuffer === "function" && value instanceof SharedArrayBuffer;
}
