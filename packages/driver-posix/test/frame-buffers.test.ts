import { describe, expect, it, vi } from "vitest";
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

  // Two buffers are compared by hand: a matcher compares their bytes besides.
  it("are used again beyond the bound, by frames that are not much smaller", () => {
    const buffers = new FrameBuffers();
    const [one, two, three] = [20, 30, 40].map((mib) => buffers.take(mib << 20));
    for (const bytes of [one, two, three]) buffers.give(bytes as Uint8Array);
    expect(buffers.take(41 << 20) === three).toBe(false);
    expect(buffers.take(10 << 20) === one).toBe(false);
    expect(buffers.take(16 << 20) === two).toBe(true);
    expect(buffers.take(20 << 20) === three).toBe(true);
    expect(buffers.take(20 << 20) === three).toBe(false);
  });

  it("are kept for the whole of a frame rather than for its beginning", () => {
    const buffers = new FrameBuffers();
    const [small, large] = [buffers.take(100_000), buffers.take(20 << 20)];
    buffers.give(small);
    buffers.give(large);
    expect(buffers.take(100_000, 21 << 20) === small).toBe(true);
    expect(buffers.take(100_000, 20 << 20) === large).toBe(true);
    expect(buffers.take(100_000, 20 << 20).length).toBe(100_000);
  });

  it("are made anew beyond the bound when the garbage collector has taken them", () => {
    vi.stubGlobal(
      "WeakRef",
      class {
        deref(): undefined {}
      },
    );
    const buffers = new FrameBuffers();
    const one = buffers.take(20 << 20);
    buffers.give(one);
    expect(buffers.take(20 << 20) === one).toBe(false);
    vi.unstubAllGlobals();
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
