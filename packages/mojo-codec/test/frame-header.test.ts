import { describe, expect, test } from "vitest";
import {
  isFrameHeader,
  readFrameBytes,
  readHandleCount,
  readHeaderBytes,
  timedFrameHeaderBytes,
  writeFrameHeader,
  writeSendTime,
} from "../src/index.ts";
import { bytesOf, viewOf } from "./support/bytes.ts";

/** Headers as Chromium 156 and a peer of it wrote them. */
const recorded = [
  {
    name: "a greeting",
    hex: "10000000 50000000 4c502999 00000000",
    handleCount: 0,
    frameBytes: 80,
  },
  {
    name: "one with memory",
    hex: "10000100 b8000000 50522999 00000000",
    handleCount: 1,
    frameBytes: 184,
  },
  {
    name: "a parcel with a transport",
    hex: "10000100 a8000000 8d552999 00000000",
    handleCount: 1,
    frameBytes: 168,
  },
] as const;

describe("frame headers", () => {
  test.each(recorded)("are read as Chromium writes them ($name)", ({ hex, ...expected }) => {
    const view = viewOf(hex);
    expect(readHeaderBytes(view, 0)).toBe(timedFrameHeaderBytes);
    expect(readHandleCount(view, 0)).toBe(expected.handleCount);
    expect(readFrameBytes(view, 0)).toBe(expected.frameBytes);
  });

  test.each(recorded)(
    "are written as Chromium does ($name)",
    ({ hex, handleCount, frameBytes }) => {
      const bytes = new Uint8Array(20).fill(0xee);
      const view = new DataView(bytes.buffer);
      writeFrameHeader(view, 2, { headerBytes: timedFrameHeaderBytes, handleCount, frameBytes });
      writeSendTime(view, 2, viewOf(hex).getUint32(8, true));
      expect(Buffer.from(bytes)).toEqual(Buffer.from([0xee, 0xee, ...bytesOf(hex), 0xee, 0xee]));
    },
  );

  test("hold times beyond 32 bits, whole and not negative", () => {
    const view = new DataView(new ArrayBuffer(16));
    writeSendTime(view, 0, 5 * 2 ** 32 + 7.9);
    expect([view.getUint32(8, true), view.getUint32(12, true)]).toEqual([7, 5]);
    writeSendTime(view, 0, -1);
    expect([view.getUint32(8, true), view.getUint32(12, true)]).toEqual([0, 0]);
  });

  test("are malformed when shorter than the shortest, or longer than their frame", () => {
    for (const headerBytes of [0, 1, 7]) expect(isFrameHeader(headerBytes, 100)).toBe(false);
    expect(isFrameHeader(16, 15)).toBe(false);
    expect(isFrameHeader(0xffff, 0xfffe)).toBe(false);
  });

  test("may be empty of a message, of the old form, or of one to come", () => {
    for (const headerBytes of [8, 16, 24, 0xffff]) {
      expect(isFrameHeader(headerBytes, headerBytes)).toBe(true);
    }
  });
});
