import { describe, expect, test } from "vitest";
import { PayloadWriter, StructReader } from "../../src/index.ts";

function sample(): Uint8Array {
  const writer = new PayloadWriter();
  const fields = writer.struct(24);
  writer.setU32(fields, 5);
  writer.setU8(fields + 4, 6);
  writer.setPointer(fields + 8, writer.string("text"));
  const inner = writer.structAt(fields + 16, 8);
  writer.setU64(inner, 2n ** 40n);
  return writer.finish();
}

describe("payloads", () => {
  test("are read as they were written", () => {
    const struct = StructReader.first(sample());
    expect(struct?.u32(0)).toBe(5);
    expect(struct?.u8(4)).toBe(6);
    expect(struct?.string(8)).toBe("text");
    expect(struct?.struct(16)?.u64(0)).toBe(2n ** 40n);
    expect(sample().length % 8).toBe(0);
  });

  test("may be larger than any buffer to begin with", () => {
    const writer = new PayloadWriter();
    const fields = writer.struct(8);
    writer.setPointer(fields, writer.bytes(new Uint8Array(100_000).fill(9)));
    const bytes = StructReader.first(writer.finish())?.bytes(0);
    expect(bytes).toHaveLength(100_000);
    expect(bytes?.every((byte) => byte === 9)).toBe(true);
  });

  test("have nothing beyond a struct's end, and nothing where a pointer is null", () => {
    const struct = StructReader.first(sample());
    expect([struct?.u32(24), struct?.u64(20), struct?.u8(24)]).toEqual([null, null, null]);
    const writer = new PayloadWriter();
    writer.struct(8);
    const empty = StructReader.first(writer.finish());
    expect([empty?.struct(0), empty?.bytes(0), empty?.string(0)]).toEqual([null, null, null]);
  });

  test("survive each byte missing or changed", () => {
    const bytes = sample();
    for (let at = 0; at < bytes.length; at++) {
      for (const value of [0, 1, 7, 0x80, 0xff]) {
        const spoilt = bytes.slice();
        spoilt[at] = value;
        readAll(spoilt);
      }
      readAll(bytes.subarray(0, at));
    }
    expect(StructReader.first(bytes.subarray(0, 31))).toBeNull();
    expect(StructReader.first(new Uint8Array(0))).toBeNull();
  });

  test("with arrays whose count and length differ have none", () => {
    const bytes = sample();
    const text = bytes.indexOf("t".charCodeAt(0)) - 8;
    new DataView(bytes.buffer).setUint32(text + 4, 5, true);
    expect(StructReader.first(bytes)?.string(8)).toBeNull();
  });
});

/** Nothing that is read may throw or lie outside. */
function readAll(bytes: Uint8Array): void {
  const struct = StructReader.first(bytes);
  struct?.string(8);
  struct?.structs(8);
  struct?.struct(16)?.u64(0);
  struct?.struct(16)?.struct(0);
}
