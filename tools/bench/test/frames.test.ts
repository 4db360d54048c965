import { describe, expect, it } from "vitest";
import { frame, FrameReader } from "../src/contestants/frames.ts";
import { StreamReader } from "../src/contestants/stream-reader.ts";

/** Sizes around every bound: empty, small, of the read buffer, above it. */
const SIZES = [0, 1, 3, 64, 70_000, (256 << 10) - 5, (256 << 10) - 4, (256 << 10) - 3, 600_000, 2];

function message(size: number): Buffer {
  return Buffer.alloc(size, size % 251);
}

const STREAM = Buffer.concat(SIZES.map((size) => frame(message(size))));

/** The stream in pieces of `bytes`, and what a reader made of it. */
describe.each([1_000_000, 65_536, 4093, 5])("messages in chunks of %d bytes", (bytes) => {
  it("come out of a stream as they were sent", () => {
    const got: Buffer[] = [];
    const reader = new FrameReader((each) => got.push(Buffer.from(each)));
    for (let start = 0; start < STREAM.length; start += bytes)
      reader.take(STREAM.subarray(start, start + bytes));
    expect(got.map((each, index) => each.equals(message(SIZES[index] ?? 0)))).toEqual(
      SIZES.map(() => true),
    );
  });

  it("come out of a socket as they were sent", () => {
    const got: Buffer[] = [];
    let start = 0;
    const receive = (into: Uint8Array, count: number): number => {
      const taken = STREAM.subarray(start, start + Math.min(count, bytes));
      into.set(taken);
      start += taken.length;
      return taken.length;
    };
    const reader = new StreamReader({ receive }, (each) => got.push(Buffer.from(each)));
    while (reader.read());
    expect(start).toBe(STREAM.length);
    expect(got.map((each, index) => each.equals(message(SIZES[index] ?? 0)))).toEqual(
      SIZES.map(() => true),
    );
  });
});
