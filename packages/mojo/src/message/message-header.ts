/**
 * The header of a Mojo message, which is one parcel: which method of which interface, and what answers what
 * (spec: mojo 7).
 */

/** What a header says. */
export interface MessageHeader {
  /** Which of the interfaces that share a pipe; 0 where only one does. */
  readonly interfaceId: number;
  readonly method: number;
  /** The sender waits for an answer. */
  readonly expectsReply: boolean;
  /** This is one. */
  readonly isReply: boolean;
  /** What an answer has in common with its request; 0 where there is none. */
  readonly requestId: bigint;
}

/** A header, read, and where the payload is in the parcel. */
export interface ReadHeader extends MessageHeader {
  readonly payloadStart: number;
}

/** Bytes of the header that is written. */
export const messageHeaderBytes = 56;

const versionWritten = 3;
const at = {
  bytes: 0,
  version: 4,
  interfaceId: 8,
  method: 12,
  flags: 16,
  requestId: 24,
  payload: 32,
} as const;
const flagExpectsReply = 1;
const flagIsReply = 2;
/** By version: how long it is at least. Later ones only grow. */
const bytesOfVersion = [24, 32, 48, 56] as const;

/** A message of one parcel: header and payload. */
export function writeMessage(header: MessageHeader, payload: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(messageHeaderBytes + payload.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(at.bytes, messageHeaderBytes, true);
  view.setUint32(at.version, versionWritten, true);
  view.setUint32(at.interfaceId, header.interfaceId, true);
  view.setUint32(at.method, header.method, true);
  const flags = (header.expectsReply ? flagExpectsReply : 0) | (header.isReply ? flagIsReply : 0);
  view.setUint32(at.flags, flags, true);
  view.setBigUint64(at.requestId, header.requestId, true);
  // Pointers count from themselves.
  view.setUint32(at.payload, messageHeaderBytes - at.payload, true);
  bytes.set(payload, messageHeaderBytes);
  return bytes;
}

/** Reads the header of a parcel; null when it is none. */
export function readMessage(bytes: Uint8Array): ReadHeader | null {
  if (bytes.length < bytesOfVersion[0]) return null;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const headerBytes = view.getUint32(at.bytes, true);
  const version = view.getUint32(at.version, true);
  const least = bytesOfVersion[Math.min(version, versionWritten)] ?? messageHeaderBytes;
  if (headerBytes < least || headerBytes > bytes.length || headerBytes % 8 !== 0) return null;
  const flags = view.getUint32(at.flags, true);
  const expectsReply = (flags & flagExpectsReply) !== 0;
  const isReply = (flags & flagIsReply) !== 0;
  const hasRequestId = version > 0;
  if ((expectsReply || isReply) && (!hasRequestId || (expectsReply && isReply))) return null;
  const payloadStart = version >= 2 ? payloadOf(view, headerBytes) : headerBytes;
  if (payloadStart === null) return null;
  return {
    interfaceId: view.getUint32(at.interfaceId, true),
    method: view.getUint32(at.method, true),
    expectsReply,
    isReply,
    requestId: hasRequestId ? view.getBigUint64(at.requestId, true) : 0n,
    payloadStart,
  };
}

/** From version 2 on the header says where the payload is. */
function payloadOf(view: DataView, headerBytes: number): number | null {
  const distance = view.getBigUint64(at.payload, true);
  const start = BigInt(at.payload) + distance;
  const isInside = start >= BigInt(headerBytes) && start <= BigInt(view.byteLength);
  return isInside && start % 8n === 0n ? Number(start) : null;
}
