import { describe, expect, it } from "vitest";
import { ParcelData } from "../../src/parcels/parcel-data.ts";
import { drain, linkEnds } from "../memory/link-ends.ts";

const filled = (count: number) => Uint8Array.from({ length: count }, (_, index) => index % 251);

/** Compares without looking at each byte by itself: there are many. */
function isFilled(bytes: Uint8Array | undefined, count: number): boolean {
  return bytes !== undefined && Buffer.compare(bytes, filled(count)) === 0;
}

describe("a parcel's bytes", () => {
  it.each([0, 1, 7, 64, 65, 1000, 5000])("are what was filled in (%i bytes, heap)", (count) => {
    const data = ParcelData.allocate(null, count);
    data.fill(filled(count + 3), count);
    expect(data.size).toBe(count);
    expect([...data.bytes()]).toEqual([...filled(count)]);
  });

  it.each([1, 7, 56, 57, 64, 65, 1000, 4088])(
    "are what was filled in (%i bytes, block)",
    (count) => {
      const { a, end } = linkEnds();
      const data = ParcelData.allocate(a.memory, count);
      data.fill(filled(count), count);
      expect([...data.bytes()]).toEqual([...filled(count)]);
      const copy = new Uint8Array(count);
      data.copyTo(copy, count);
      expect([...copy]).toEqual([...filled(count)]);
      expect(data.takeFragmentFor(a.memory), "it is in a block").not.toBeNull();
      expect(end()).toBe(0);
    },
  );

  it("copy out no more than asked for", () => {
    const data = ParcelData.heap(filled(100));
    const target = new Uint8Array(100);
    data.copyTo(target, 70);
    expect([...target]).toEqual([...filled(70), ...new Array<number>(30).fill(0)]);
    data.copyTo(target, 0);
    expect(target[0]).toBe(0);
  });

  it("are on the heap when there is no block", () => {
    const { a, end } = linkEnds({ fixedCapacity: true });
    const taken = drain(a.memory, 4000);
    const data = ParcelData.allocate(a.memory, 4000);
    expect(data.takeFragmentFor(a.memory)).toBeNull();
    data.release();
    for (const { descriptor } of taken) a.memory.freeFragment(descriptor);
    expect(end()).toBe(0);
  });

  it("take no block when there are none (0 bytes)", () => {
    const { a, end } = linkEnds();
    expect(ParcelData.allocate(a.memory, 0).takeFragmentFor(a.memory)).toBeNull();
    expect(end()).toBe(0);
  });

  it("may be less than asked for, where that is allowed", () => {
    const { a, end } = linkEnds({ fixedCapacity: true });
    expect(ParcelData.allocatePartial(null, 10_000).size).toBe(10_000);
    const partial = ParcelData.allocatePartial(a.memory, 10_000);
    expect(partial.size).toBe(4088);
    partial.release();
    const small = ParcelData.allocatePartial(a.memory, 100);
    expect(small.size).toBe(100);
    small.release();
    expect(end()).toBe(0);
  });

  it("shrink, and only shrink", () => {
    const data = ParcelData.heap(filled(10));
    data.shrink(4);
    expect([data.size, ...data.bytes()]).toEqual([4, 0, 1, 2, 3]);
    expect(() => data.shrink(5)).toThrow("only shrinks");
  });

  it("in a block are handed over to the link whose block it is, with their number", () => {
    const { a, b, end } = linkEnds();
    const other = linkEnds();
    const data = ParcelData.allocate(a.memory, 20);
    data.fill(filled(20), 20);
    data.shrink(12);
    expect(data.takeFragmentFor(other.a.memory)).toBeNull();
    const fragment = data.takeFragmentFor(a.memory)!;
    expect(fragment.region?.load(fragment.descriptor.offset)).toBe(12);
    expect([data.size, data.takeFragmentFor(a.memory)]).toEqual([0, null]);
    data.release();
    const received = ParcelData.fragment(b.memory, b.memory.resolve(fragment.descriptor), 12);
    expect([...received.bytes()]).toEqual([...filled(12)]);
    received.release();
    expect([end(), other.end()]).toEqual([0, 0]);
  });

  it("keep their link's memory until they are released, once", () => {
    const { a, driver, end } = linkEnds();
    const data = ParcelData.allocate(a.memory, 20);
    data.fill(filled(20), 20);
    expect(end()).toBe(1);
    expect([...data.bytes()]).toEqual([...filled(20)]);
    data.release();
    data.release();
    expect(driver.liveCount).toBe(0);
    expect([...data.bytes()]).toEqual([]);
  });

  const big = 2 ** 20 + 5000;

  it("that no block holds lie where their link's message is built around them", () => {
    const { a, end } = linkEnds();
    const data = ParcelData.allocate(a.memory, big);
    data.fill(filled(big), big);
    const room = data.takeRoomFor(a.memory);
    expect(isFilled(room?.subarray(104, 104 + big), big)).toBe(true);
    expect(data.takeRoomFor(a.memory)).toBeNull();
    data.release();
    expect(end()).toBe(0);
  });

  it("of one link are not sent on in their room over another", () => {
    const { a, end } = linkEnds();
    const other = linkEnds();
    const data = ParcelData.received(a.memory, filled(big), 0, big);
    expect(data.takeRoomFor(other.a.memory)).toBeNull();
    expect(data.takeRoomFor(a.memory)).not.toBeNull();
    data.release();
    expect([end(), other.end()]).toEqual([0, 0]);
  });

  it("give back their room once, and never while it is with somebody else", () => {
    const { a, end } = linkEnds();
    const first = ParcelData.received(a.memory, filled(big), 0, big);
    const buffer = first.bytes().buffer;
    first.release();
    first.release();
    const second = ParcelData.allocate(a.memory, big);
    const third = ParcelData.allocate(a.memory, big);
    expect(second.bytes().buffer).toBe(buffer);
    expect(third.bytes().buffer).not.toBe(buffer);
    const room = second.takeRoomFor(a.memory);
    second.release();
    expect(a.memory.messageRooms.take(big)).not.toBe(room);
    third.release();
    expect(end()).toBe(0);
  });

  it.each([0, 1, 3, 64, 250, 257, 2048, 2049, 4095, 4096, 5000, 70_001])(
    "are a copy of what was received (%i bytes)",
    (count) => {
      const { a, end } = linkEnds();
      for (const start of [0, 1, 4]) {
        const message = new Uint8Array(start + count + 1);
        message.set(filled(count), start);
        const data = ParcelData.received(a.memory, message, start, count);
        message.fill(0xff);
        expect(isFilled(data.bytes(), count)).toBe(true);
        for (const targetStart of [0, 1]) {
          const target = new Uint8Array(count + 8).subarray(targetStart);
          data.copyTo(target, count);
          expect(isFilled(target.subarray(0, count), count)).toBe(true);
          expect([...target.subarray(count)].every((byte) => byte === 0)).toBe(true);
        }
        data.release();
        data.release();
      }
      expect(end()).toBe(0);
    },
  );
});
