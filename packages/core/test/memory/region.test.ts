import { describe, expect, it } from "vitest";
import { Limits } from "../../src/base/limits.ts";
import { Region } from "../../src/memory/region.ts";
import { hex } from "./support.ts";

describe.each([
  ["ArrayBuffer", () => new ArrayBuffer(128)],
  ["SharedArrayBuffer", () => new SharedArrayBuffer(128)],
])("region over an %s", (_name, make) => {
  const regionAt = (offset: number) => new Region(new Uint8Array(make(), offset, 64));

  it("reads and writes words in little-endian order, relative to its own start", () => {
    const buffer = make();
    const region = new Region(new Uint8Array(buffer, 8, 64));
    region.store(4, 0x01020304);
    expect([...new Uint8Array(buffer, 12, 4)]).toEqual([4, 3, 2, 1]);
    expect(region.load(4)).toBe(0x01020304);
    region.store(0, -1);
    expect(region.load(0)).toBe(-1);
    expect(region.loadU32(0)).toBe(0xffffffff);
  });

  it("answers the value before each change", () => {
    const region = regionAt(8);
    expect(region.add(8, 5)).toBe(0);
    expect(region.subtract(8, 7)).toBe(5);
    expect(region.load(8)).toBe(-2);
    expect(region.clearBits(8, 2)).toBe(-2);
    expect(region.setBits(8, 1)).toBe(-4);
    expect(region.load(8)).toBe(-3);
    expect(region.compareExchange(8, 0, 9)).toBe(-3);
    expect(region.compareExchange(8, -3, 9)).toBe(-3);
    expect(region.load(8)).toBe(9);
  });

  it("reads and writes 64-bit values without a sign", () => {
    const region = regionAt(0);
    region.storeLong(16, 0xfedcba9876543210n);
    expect(hex(region, 16, 8)).toBe("10 32 54 76 98 ba dc fe");
    expect(region.loadLong(16)).toBe(0xfedcba9876543210n);
  });

  it("takes consecutive ids", () => {
    const region = regionAt(0);
    region.storeLong(8, 12n);
    expect(region.takeIds(8, 1)).toBe(12);
    expect(region.takeIds(8, 2)).toBe(13);
    expect(region.takeIds(8, 1)).toBe(15);
    expect(region.loadLong(8)).toBe(16n);
  });

  it.each([
    ["the largest id", BigInt(Limits.wireIntegerMax) - 1n, Limits.wireIntegerMax - 1],
    ["one past the largest", BigInt(Limits.wireIntegerMax), null],
    ["2^63", 1n << 63n, null],
    ["2^64-1", (1n << 64n) - 1n, null],
  ])("takes from a counter that a peer has set to %s", (_label, value, expected) => {
    const region = regionAt(0);
    region.storeLong(8, value);
    expect(region.takeIds(8, 1)).toBe(expected);
  });

  it("gives views of its bytes, and none past its end", () => {
    const region = regionAt(8);
    region.bytes(60, 4).fill(1);
    expect(region.load(60)).toBe(0x01010101);
    expect(() => region.bytes(60, 5)).toThrow("a view lies inside its region");
    expect(() => region.load(64)).toThrow(RangeError);
    expect(region.size).toBe(64);
  });

  it("refuses bytes that are not 8-aligned", () => {
    expect(() => regionAt(4)).toThrow("shared memory is 8-aligned");
  });

  it.each(
    [0, 1, 3, 4, 63, 64, 65, 127, 128, 129, 500].flatMap((size) =>
      [0, 4, 8, 13].flatMap((offset) => [0, 1, 4].map((start) => ({ size, offset, start }))),
    ),
  )("copies $size bytes from $offset to a buffer that begins at $start, and no more", (sizes) => {
    const { size, offset, start } = sizes;
    const source = Uint8Array.from({ length: 640 }, (_, index) => (index * 11 + 5) & 0xff);
    const target = new Uint8Array(700).fill(0xee).subarray(start, start + 600);
    const region = new Region(source);
    region.copyOut(offset, target, size);
    const expected = new Uint8Array(600).fill(0xee);
    expected.set(source.subarray(offset, offset + size));
    expect(target).toEqual(expected);
    region.copyOut(offset, target, size);
    expect(target).toEqual(expected);
  });

  it.each(
    [0, 1, 3, 127, 128, 129, 500].flatMap((size) =>
      [0, 8, 13].flatMap((offset) => [0, 1, 100].map((more) => ({ size, offset, more }))),
    ),
  )("copies $size bytes to $offset from a buffer that has $more more, and no more", (sizes) => {
    const { size, offset, more } = sizes;
    const source = Uint8Array.from({ length: size + more }, (_, index) => (index * 7 + 3) & 0xff);
    const bytes = new Uint8Array(640).fill(0xee);
    new Region(bytes).copyIn(offset, source, size);
    const expected = new Uint8Array(640).fill(0xee);
    expected.set(source.subarray(0, size), offset);
    expect(bytes).toEqual(expected);
  });
});
