import { describe, expect, it } from "vitest";
import {
  readFoldedU64,
  readU16,
  readU32,
  readU64,
  readU64Exact,
  roundUp8,
  UNREPRESENTABLE,
  writeFoldedU64,
  writeU16,
  writeU32,
  writeU64,
  writeU64Exact,
} from "../../src/wire/bytes.ts";

describe("integers in bytes", () => {
  it("are little-endian, at any offset", () => {
    for (const at of [0, 1, 3, 7]) {
      const bytes = new Uint8Array(16);
      const view = new DataView(bytes.buffer);
      writeU16(bytes, at, 0xfedc);
      expect([view.getUint16(at, true), readU16(bytes, at)]).toEqual([0xfedc, 0xfedc]);
      writeU32(bytes, at, 0xfedc_ba98);
      expect([view.getUint32(at, true), readU32(bytes, at)]).toEqual([0xfedc_ba98, 0xfedc_ba98]);
      writeU64(bytes, at, 0x000f_edcb_a987_6543);
      expect(view.getBigUint64(at, true)).toBe(0x000f_edcb_a987_6543n);
      expect(readU64(bytes, at)).toBe(0x000f_edcb_a987_6543);
      writeU64Exact(bytes, at, 0xfedc_ba98_7654_3210n);
      expect(view.getBigUint64(at, true)).toBe(0xfedc_ba98_7654_3210n);
      expect(readU64Exact(bytes, at)).toBe(0xfedc_ba98_7654_3210n);
    }
  });

  it("beyond the end are zero, and throw nothing", () => {
    expect(readU32(Uint8Array.of(1, 2), 0)).toBe(0x0201);
    expect(readU32(new Uint8Array(0), 1000)).toBe(0);
    expect(readU16(Uint8Array.of(7), 0)).toBe(7);
    expect(readU64(Uint8Array.of(7), 0)).toBe(7);
  });

  it("of 64 bits are numbers up to 2^52 - 1", () => {
    const bytes = new Uint8Array(8);
    const read = (value: bigint) => {
      writeU64Exact(bytes, 0, value);
      return readU64(bytes, 0);
    };
    expect(read(2n ** 52n - 1n)).toBe(2 ** 52 - 1);
    expect(read(2n ** 52n)).toBe(UNREPRESENTABLE);
    expect(read(2n ** 63n)).toBe(UNREPRESENTABLE);
    expect(read(2n ** 64n - 1n)).toBe(UNREPRESENTABLE);
  });

  it("of ids keep bit 63 in bit 52, and come back", () => {
    const bytes = new Uint8Array(8);
    for (const [wire, id] of [
      [0n, 0],
      [12n, 12],
      [2n ** 52n - 1n, 2 ** 52 - 1],
      [2n ** 63n, 2 ** 52],
      [2n ** 63n + 13n, 2 ** 52 + 13],
      [2n ** 63n + 2n ** 52n - 1n, 2 ** 53 - 1],
    ] as const) {
      writeU64Exact(bytes, 0, wire);
      expect(readFoldedU64(bytes, 0)).toBe(id);
      bytes.fill(0xee);
      writeFoldedU64(bytes, 0, id);
      expect(readU64Exact(bytes, 0)).toBe(wire);
    }
    for (const wire of [2n ** 52n, 2n ** 62n, 2n ** 63n + 2n ** 52n, 2n ** 64n - 1n]) {
      writeU64Exact(bytes, 0, wire);
      expect(readFoldedU64(bytes, 0)).toBe(UNREPRESENTABLE);
    }
  });

  it("that we send fit: anything else is our bug", () => {
    const bytes = new Uint8Array(8);
    for (const value of [-1, 2 ** 52, Number.NaN])
      expect(() => writeU64(bytes, 0, value)).toThrow("fits the wire");
    for (const value of [-1, 2 ** 53, Number.NaN])
      expect(() => writeFoldedU64(bytes, 0, value)).toThrow("fits the wire");
  });

  it("round up to 8, beyond 32 bits too", () => {
    expect([0, 1, 8, 9, 2 ** 32 + 1].map(roundUp8)).toEqual([0, 8, 8, 16, 2 ** 32 + 8]);
  });
});
