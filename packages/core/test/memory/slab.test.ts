/** Small parcels share buffers, which are used again. */
import { describe, expect, it } from "vitest";
import { SLAB_BYTES, SLAB_PARCEL_BYTES_MAX, Slabs } from "../../src/memory/slab.ts";

const COUNT = SLAB_BYTES / SLAB_PARCEL_BYTES_MAX;

/** Takes room for the largest small parcel. */
function take(slabs: Slabs) {
  const slab = slabs.withRoom(SLAB_PARCEL_BYTES_MAX);
  return { slab, start: slab.take(SLAB_PARCEL_BYTES_MAX) };
}

describe("the slabs of a link", () => {
  it("give room one behind the other, beginning at words", () => {
    const slab = new Slabs().withRoom(1);
    expect([1, 8, 9, 3].map((count) => slab.take(count))).toEqual([0, 8, 16, 32]);
  });

  it("begin anew once nobody needs anything in them", () => {
    const slabs = new Slabs();
    const slab = slabs.withRoom(100);
    slab.take(100);
    slab.take(100);
    slab.release();
    expect(slab.take(100)).toBe(208);
    slab.release();
    slab.release();
    expect(slabs.withRoom(100)).toBe(slab);
    expect(slab.take(100)).toBe(0);
  });

  it("follow one another when full, and come back when empty", () => {
    const slabs = new Slabs();
    const first = Array.from({ length: COUNT }, () => take(slabs));
    expect(new Set(first.map(({ slab }) => slab)).size).toBe(1);
    const rest = Array.from({ length: 3 * COUNT }, () => take(slabs));
    expect(new Set(rest.map(({ slab }) => slab)).size).toBe(3);
    for (const { slab } of first) slab.release();
    expect(take(slabs)).toEqual({ slab: first[0]?.slab, start: 0 });
  });

  it("leave a slab to a parcel that stays in it", () => {
    const slabs = new Slabs();
    const staying = take(slabs);
    staying.slab.copyIn(staying.start, Uint8Array.of(1, 2, 3), 0, 3);
    const others = Array.from({ length: 8 * COUNT }, () => take(slabs));
    expect(new Set(others.map(({ slab }) => slab)).size).toBeGreaterThan(7);
    for (const { slab, start } of others)
      if (slab !== staying.slab) slab.copyIn(start, Uint8Array.of(9, 9, 9), 0, 3);
    expect([...staying.slab.bytes.subarray(0, 3)]).toEqual([1, 2, 3]);
  });
});
