/**
 * Several messages as one value that a port can post, and back.
 *
 * Bytes of all messages lie one after the other, each behind two 32-bit little-endian words: how many bytes, how many
 * objects. Without objects the value is that array of bytes; with objects it is a list of it and them. What comes
 * back is a stranger's and is taken as a whole or not at all.
 */
import { cargoItemOf, type CargoItem } from "./cargo.ts";
import type { Port, PortEvent } from "./port.ts";

/** Bytes before those of a message. */
export const FRAME_HEADER_BYTES = 8;

/** One message of a batch. */
export interface BatchMessage {
  readonly data: Uint8Array;
  readonly cargo: readonly CargoItem[] | null;
}

/** Writes what goes before the bytes of a message. */
export function writeFrameHeader(
  bytes: Uint8Array,
  at: number,
  byteCount: number,
  objectCount: number,
): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset + at, FRAME_HEADER_BYTES);
  view.setUint32(0, byteCount, true);
  view.setUint32(4, objectCount, true);
}

/** The value that carries these bytes and objects. */
export function batchValue(bytes: Uint8Array, cargo: readonly CargoItem[]): unknown {
  return cargo.length === 0 ? bytes : [bytes, ...cargo];
}

/** The messages of a posted batch, or null if it is none; then its ports are closed. */
export function readBatch({ data, ports }: PortEvent): BatchMessage[] | null {
  const messages = readValue(data, ports);
  if (messages === null) for (const port of ports) port.close();
  return messages;
}

function readValue(value: unknown, ports: readonly Port[]): BatchMessage[] | null {
  if (isPrivateBytes(value)) return ports.length === 0 ? readFrames(value, []) : null;
  if (!Array.isArray(value)) return null;
  const [bytes, ...items] = value as readonly unknown[];
  if (!isPrivateBytes(bytes)) return null;
  const cargo: CargoItem[] = [];
  const carried = new Set<Port>();
  let seatCount = 0;
  for (const described of items) {
    const item = cargoItemOf(described);
    if (item === null) return null;
    cargo.push(item);
    if (!("port" in item)) continue;
    seatCount++;
    carried.add(item.port);
  }
  // Each transferred port is the port of one transport, and the other way round.
  if (carried.size !== seatCount || ports.length !== seatCount) return null;
  for (const port of ports) if (!carried.has(port)) return null;
  return readFrames(bytes, cargo);
}

/** Bytes that nobody else can change while they are read. */
function isPrivateBytes(value: unknown): value is Uint8Array<ArrayBuffer> {
  return value instanceof Uint8Array && value.buffer instanceof ArrayBuffer;
}

function readFrames(bytes: Uint8Array, cargo: readonly CargoItem[]): BatchMessage[] | null {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const messages: BatchMessage[] = [];
  let cargoAt = 0;
  let at = 0;
  while (at < bytes.length) {
    if (bytes.length - at < FRAME_HEADER_BYTES) return null;
    const byteCount = view.getUint32(at, true);
    const objectCount = view.getUint32(at + 4, true);
    at += FRAME_HEADER_BYTES;
    if (byteCount > bytes.length - at || objectCount > cargo.length - cargoAt) return null;
    messages.push({
      data: bytes.subarray(at, at + byteCount),
      cargo: objectCount === 0 ? null : cargo.slice(cargoAt, cargoAt + objectCount),
    });
    at += byteCount;
    cargoAt += objectCount;
  }
  return cargoAt === cargo.length && messages.length > 0 ? messages : null;
}
