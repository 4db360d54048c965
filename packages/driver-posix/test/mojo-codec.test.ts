import { hrtime } from "node:process";
import { describe, expect, test } from "vitest";
import { FrameMark, type FrameHeader } from "../src/codec.ts";
import { mojoDescriptorsMax } from "../src/limits.ts";
import { mojoCodec } from "../src/mojo-codec.ts";

function written(headers: "timed" | "short"): DataView {
  const codec = mojoCodec({ headers });
  const view = new DataView(new ArrayBuffer(24));
  codec.writeHeader(view, 4, 32, 3, FrameMark.none);
  return view;
}

function read(headerBytes: number, count: number, frameBytes: number): FrameHeader | null {
  const view = new DataView(new ArrayBuffer(12));
  view.setUint16(4, headerBytes, true);
  view.setUint16(6, count, true);
  view.setUint32(8, frameBytes, true);
  const header = { frameBytes: 0, messageStart: 0, descriptorCount: 0, mark: FrameMark.none };
  return mojoCodec().readHeader(view, 4, header) ? header : null;
}

describe("frame headers of the mojo format", () => {
  test("are written with the time of the system's monotonic clock, or without", () => {
    const before = hrtime.bigint() / 1000n;
    const timed = written("timed");
    const after = hrtime.bigint() / 1000n;
    expect([timed.getUint16(4, true), timed.getUint16(6, true), timed.getUint32(8, true)]).toEqual([
      16, 3, 48,
    ]);
    const sent = timed.getBigInt64(12, true);
    // Two clocks that are read one after the other agree to a millisecond.
    expect(sent >= before - 1000n && sent <= after + 1000n).toBe(true);
    const short = written("short");
    expect([short.getUint16(4, true), short.getUint16(6, true), short.getUint32(8, true)]).toEqual([
      8, 3, 40,
    ]);
    expect(short.getBigInt64(12, true)).toBe(0n);
  });

  test("are read whatever their length, from their first eight bytes", () => {
    for (const headerBytes of [8, 16, 24, 1000]) {
      expect(read(headerBytes, 2, 2000)).toEqual({
        frameBytes: 2000,
        messageStart: headerBytes,
        descriptorCount: 2,
        mark: FrameMark.none,
      });
    }
  });

  test("are malformed when shorter than the shortest or longer than the frame, or with too many descriptors", () => {
    expect(read(7, 0, 100)).toBeNull();
    expect(read(16, 0, 15)).toBeNull();
    expect(read(16, mojoDescriptorsMax, 100)).not.toBeNull();
    expect(read(16, mojoDescriptorsMax + 1, 100)).toBeNull();
    expect(read(16, 0xffff, 100)).toBeNull();
  });
});
