import { describe, expect, it } from "vitest";
import { FrameBuffers } from "../src/frame-buffers.ts";
import { spareFrameBytesMax } from "../src/limits.ts";

describe("buffers for large frames", () => {
  it("are used again, if they are large enough", () => {
    const buffers = new FrameBuffers();
    const one = buffers.take(100_000);
    buffers.give(one);
    expect(buffers.take(100_001)).not.toBe(one);
    expect(buffers.take(70_000)).toBe(one);
    expect(buffers.take(70_000)).not.toBe(one);
  });

  it("are kept up to the bound, and not one byte past it", () => {
    const buffers = new FrameBuffers();
    const bound = buffers.take(spareFrameBytesMax);
    const beyond = buffers.take(spareFrameBytesMax + 1);
    buffers.give(bound);
    buffers.give(beyond);
    expect(buffers.take(1)).toBe(bound);
    expect(buffers.take(1)).not.toBe(beyond);
  });
});
