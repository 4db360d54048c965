import { describe, expect, it } from "vitest";
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
    buffers.clear();
    expect(buffers.take(5000)).not.toBe(buffer);
  });
});
