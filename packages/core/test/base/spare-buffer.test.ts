import { describe, expect, it, vi } from "vitest";
import { SpareBuffer } from "../../src/base/spare-buffer.ts";

const MIB = 2 ** 20;

describe("a spare buffer", () => {
  it("is used again, if it is large enough", () => {
    const buffers = new SpareBuffer(0, 2 * MIB);
    const buffer = buffers.take(10_000);
    buffers.give(buffer);
    expect(buffers.take(10_001)).not.toBe(buffer);
    expect(buffers.take(5000)).toBe(buffer);
    expect(buffers.take(5000)).not.toBe(buffer);
  });

  it("is the largest of several, up to the bound and not a byte more", () => {
    const buffers = new SpareBuffer(0, 2 * MIB);
    const small = buffers.take(5000);
    const bound = buffers.take(2 * MIB);
    const beyond = buffers.take(2 * MIB + 1);
    for (const buffer of [small, bound, beyond, buffers.take(6000)]) buffers.give(buffer);
    expect(buffers.take(1)).toBe(bound);
  });

  // Two buffers are compared by hand: a matcher compares their bytes besides.
  it("beyond the bound is used again, by those who want most of it", () => {
    const buffers = new SpareBuffer(0, 2 * MIB);
    const large = buffers.take(20 * MIB);
    buffers.give(large);
    expect(buffers.take(20 * MIB + 1) === large).toBe(false);
    expect(buffers.take(10 * MIB - 1) === large).toBe(false);
    expect(buffers.take(MIB) === large).toBe(false);
    expect(buffers.take(10 * MIB) === large).toBe(true);
    expect(buffers.take(10 * MIB) === large).toBe(false);
  });

  it("beyond the bound is made anew when the garbage collector has taken it", () => {
    vi.stubGlobal(
      "WeakRef",
      class {
        deref(): undefined {}
      },
    );
    const buffers = new SpareBuffer(0, 2 * MIB);
    const large = buffers.take(20 * MIB);
    buffers.give(large);
    expect(buffers.take(20 * MIB) === large).toBe(false);
    vi.unstubAllGlobals();
  });

  it("has the least size from the start, so that it fits the next time too", () => {
    const buffers = new SpareBuffer(4096, 4096);
    const buffer = buffers.take(96);
    expect(buffer.length).toBe(4096);
    buffers.give(buffer);
    buffers.give(buffers.take(4097));
    expect(buffers.take(4096)).toBe(buffer);
  });

  it("is forgotten when told so", () => {
    const buffers = new SpareBuffer(0, 2 * MIB);
    const buffer = buffers.take(5000);
    buffers.give(buffer);
    const large = buffers.take(20 * MIB);
    buffers.give(large);
    buffers.clear();
    expect(buffers.take(5000)).not.toBe(buffer);
    expect(buffers.take(20 * MIB) === large).toBe(false);
  });
});
