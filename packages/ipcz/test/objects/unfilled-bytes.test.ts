import { expect, it } from "vitest";
import { unfilledBytes } from "../../src/objects/unfilled-bytes.ts";

it.each([0, 1, 4095, 4096, 65_536, 3_000_000])("%d bytes are alone in their buffer", (numBytes) => {
  const [bytes, others] = [unfilledBytes(numBytes), unfilledBytes(numBytes)];
  expect(bytes.constructor).toBe(Uint8Array);
  expect(bytes.length).toBe(numBytes);
  expect(bytes.byteOffset).toBe(0);
  expect(bytes.buffer.byteLength).toBe(numBytes);
  bytes.fill(1);
  others.fill(2);
  expect(bytes.every((byte) => byte === 1)).toBe(true);
  // It may be given away like any other.
  if (numBytes > 0)
    expect(structuredClone(bytes, { transfer: [bytes.buffer] })).toHaveLength(numBytes);
});
