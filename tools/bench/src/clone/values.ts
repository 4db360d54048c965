/**
 * What is cloned: small and large, and what a format may be good or bad at.
 */
import { Buffer } from "node:buffer";

export interface Sample {
  readonly label: string;
  readonly value: unknown;
  /** How often it is cloned in one turn: some milliseconds. */
  readonly count: number;
}

const LARGE = 100_000;

export const SAMPLES: readonly Sample[] = [
  {
    label: "a call of 4 fields",
    value: { id: 17, method: "resize", params: [640, 480, "fit"], trace: null },
    count: 1000,
  },
  { label: "20 000 small objects", value: list(20_000, smallObject), count: 1 },
  { label: "100 000 integers", value: list(LARGE, (index) => (index * 7919) % 65_536), count: 4 },
  { label: "100 000 fractions", value: list(LARGE, (index) => index / 7), count: 4 },
  { label: "a Float64Array of 100 000", value: new Float64Array(LARGE).fill(0.5), count: 8 },
  { label: "100 000 characters", value: "ipcz".repeat(LARGE / 4), count: 40 },
  { label: "1 MiB of bytes", value: new Uint8Array(Buffer.alloc(1 << 20, "ipcz")), count: 8 },
];

function smallObject(index: number): object {
  return { id: index, name: `item ${String(index)}`, done: index % 2 === 0 };
}

function list<T>(length: number, make: (index: number) => T): T[] {
  return Array.from({ length }, (_, index) => make(index));
}
