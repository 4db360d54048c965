/**
 * The parcels of a stream: a byte that says what it is, and what belongs to it.
 */
import { Buffer } from "node:buffer";

/** First byte of a parcel. */
export const FrameKind = {
  /** Bytes of the stream. They count against what the receiver has allowed. */
  data: 0,
  /** Four bytes, little-endian: so many more bytes are allowed. */
  credit: 1,
  /** The sender will send nothing more. */
  end: 2,
  /** The sender has failed; UTF-8: why. Nothing follows. */
  failure: 3,
  /** The boxes of the parcel hold descriptors, which belong to the next byte. They count, too. */
  descriptors: 4,
  /** Four bytes, little-endian: so many more descriptors are allowed. */
  descriptorCredit: 5,
} as const;

/** Bytes that both ends allow each other from the beginning. Part of the protocol. */
export const firstCreditBytes: number = 64 * 1024;
/** Descriptors that both ends allow each other from the beginning, and the most of one write. Part of the protocol. */
export const firstCreditDescriptors = 16;
/** Longest frame of data; a longer write is several. */
export const frameBytesMax: number = 256 * 1024;
/** Longest reason of a failure that is sent, in characters. */
export const reasonLengthMax = 1000;

/** One frame, as it was received. */
export type Frame =
  | { readonly kind: "data"; readonly bytes: Buffer }
  | { readonly kind: "credit"; readonly count: number }
  | { readonly kind: "end" }
  | { readonly kind: "failure"; readonly reason: string }
  | { readonly kind: "descriptors" }
  | { readonly kind: "descriptor-credit"; readonly count: number };

/** Reads a parcel; null: no honest peer sends it. */
export function readFrame(parcel: Uint8Array): Frame | null {
  switch (parcel[0]) {
    case undefined:
      return null;
    case FrameKind.data:
      return parcel.length > 1 ? { kind: "data", bytes: behindKind(parcel) } : null;
    case FrameKind.credit:
      return readCount("credit", parcel);
    case FrameKind.end:
      return parcel.length === 1 ? { kind: "end" } : null;
    case FrameKind.failure:
      return { kind: "failure", reason: new TextDecoder().decode(parcel.subarray(1)) };
    case FrameKind.descriptors:
      return parcel.length === 1 ? { kind: "descriptors" } : null;
    case FrameKind.descriptorCredit:
      return readCount("descriptor-credit", parcel);
    default:
      return null;
  }
}

/** One view, not one of another: what is made for each parcel decides how often the garbage collector runs. */
function behindKind(parcel: Uint8Array): Buffer {
  return Buffer.from(parcel.buffer, parcel.byteOffset + 1, parcel.length - 1);
}

function readCount(kind: "credit" | "descriptor-credit", parcel: Uint8Array): Frame | null {
  if (parcel.length !== 5) return null;
  const count = new DataView(parcel.buffer, parcel.byteOffset).getUint32(1, true);
  return { kind, count };
}

const countBytes = new Uint8Array(5);
const countView = new DataView(countBytes.buffer);

/** A frame of credit; valid until the next one of any kind is made. */
export function creditFrame(count: number): Uint8Array {
  return countFrame(FrameKind.credit, count);
}

/** A frame of credit for descriptors; valid as long. */
export function descriptorCreditFrame(count: number): Uint8Array {
  return countFrame(FrameKind.descriptorCredit, count);
}

function countFrame(kind: number, count: number): Uint8Array {
  countBytes[0] = kind;
  countView.setUint32(1, count, true);
  return countBytes;
}

/** A frame of failure. */
export function failureFrame(error: Error): Uint8Array {
  const reason = new TextEncoder().encode(error.message.slice(0, reasonLengthMax));
  const frame = new Uint8Array(1 + reason.length);
  frame[0] = FrameKind.failure;
  frame.set(reason, 1);
  return frame;
}

/** The frame that ends a direction. */
export const endFrame: Uint8Array = new Uint8Array([FrameKind.end]);

/** The frame before the byte that its boxes belong to. */
export const descriptorsFrame: Uint8Array = new Uint8Array([FrameKind.descriptors]);
