/** Objects as a message of a port carries them: memory as itself, a transport as a port with its gauge. */
import { MemMemory, Region, type MemBytes } from "../memory.ts";
import type { MemObject } from "../objects.ts";
import { GAUGE_BYTES, isFixedMemory, newGaugeMemory, type Side } from "./gauge.ts";
import { isPort, newChannel, type Port } from "./port.ts";

/** One end of a transport that nobody listens to yet. */
export interface Seat {
  readonly port: Port;
  readonly gauge: SharedArrayBuffer;
  readonly side: Side;
}

/** An object in a message. */
export type CargoItem = SharedArrayBuffer | Seat;

/** The two ends of a new transport. */
export function newSeats(): [Seat, Seat] {
  const [port0, port1] = newChannel();
  const gauge = newGaugeMemory();
  return [
    { port: port0, gauge, side: 0 },
    { port: port1, gauge, side: 1 },
  ];
}

/** What a port posts as its last message. */
export const GOODBYE = 0;

/** An end whose peer is gone, in place of one that can no longer travel for that reason. */
export function deadSeat(): Seat {
  const [kept, gone] = newSeats();
  gone.port.postMessage(GOODBYE);
  gone.port.close();
  return kept;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}

/** The end of a transport that `value` describes, or null: it comes from a stranger. */
export function seatOf(value: unknown): Seat | null {
  if (!isRecord(value)) return null;
  const { port, gauge, side } = value;
  if (!isPort(port) || !isFixedMemory(gauge) || gauge.byteLength !== GAUGE_BYTES) return null;
  return side === 0 || side === 1 ? { port, gauge, side } : null;
}

/** The object that `value` describes, or null: it comes from a stranger. */
export function cargoItemOf(value: unknown): CargoItem | null {
  if (isFixedMemory(value)) return value.byteLength > 0 ? value : null;
  return seatOf(value);
}

/** The ports among these, each to be transferred. */
export function portsOf(cargo: readonly CargoItem[]): Port[] {
  const ports: Port[] = [];
  for (const item of cargo) if ("port" in item) ports.push(item.port);
  return ports;
}

/** Takes the bytes of a memory object of this driver, which ends. */
export function unloadMemory(object: MemObject): SharedArrayBuffer {
  if (!(object instanceof MemMemory) || !(object.region.buffer instanceof SharedArrayBuffer))
    throw new TypeError("only shared memory and transports travel");
  object.release();
  return object.region.buffer;
}

/** A memory object around bytes that came. */
export function loadMemory(buffer: SharedArrayBuffer, bytes: MemBytes): MemMemory {
  return new MemMemory(Region.around(buffer, bytes));
}
