/** Parcels whose bytes are lent stay what they are when the loan ends. */
import { describe, expect, it } from "vitest";
import { ParcelData } from "../../src/parcels/parcel-data.ts";
import { linkEnds } from "./link-ends.ts";

const BUFFER = Uint8Array.from({ length: 4096 }, (_, index) => (index * 7) & 0xff);
const CASES = [0, 1, 3, 4, 64, 255, 256, 257, 2048].flatMap((count) =>
  [0, 1, 2, 3, 104].map((start) => ({ start, count })),
);

describe("bytes that a driver lends", () => {
  it.each(CASES)("are copied from where they lie: $count from $start", ({ start, count }) => {
    const { a, end } = linkEnds();
    a.memory.lent.begin(BUFFER);
    const data = ParcelData.received(a.memory, BUFFER, start, count);
    const target = new Uint8Array(count + 3).fill(0xee);
    data.copyTo(target, count);
    expect([...target]).toEqual([...BUFFER.subarray(start, start + count), 0xee, 0xee, 0xee]);
    data.release();
    a.memory.lent.end();
    expect(end()).toBe(0);
  });

  it.each(CASES)("outlive the loan: $count from $start", ({ start, count }) => {
    const { a, end } = linkEnds();
    const lent = BUFFER.slice();
    a.memory.lent.begin(lent);
    const data = ParcelData.received(a.memory, lent, start, count);
    a.memory.lent.end();
    lent.fill(0xdb);
    expect([...data.bytes()]).toEqual([...BUFFER.subarray(start, start + count)]);
    data.release();
    expect(end()).toBe(0);
  });

  it("are looked at in a place of their own", () => {
    const { a, end } = linkEnds();
    const lent = BUFFER.slice();
    a.memory.lent.begin(lent);
    const data = ParcelData.received(a.memory, lent, 8, 8);
    const view = data.bytes();
    lent.fill(0xdb);
    expect([...view]).toEqual([...BUFFER.subarray(8, 16)]);
    a.memory.lent.end();
    data.release();
    expect(end()).toBe(0);
  });

  it("are not kept alive for those who have let go of them, nor mixed up with the next loan's", () => {
    const { a, end } = linkEnds();
    const [first, second] = [BUFFER.slice(), BUFFER.slice()];
    a.memory.lent.begin(first);
    const early = ParcelData.received(a.memory, first, 0, 100);
    ParcelData.received(a.memory, first, 100, 100).release();
    a.memory.lent.end();
    first.fill(1);
    a.memory.lent.begin(second);
    const late = ParcelData.received(a.memory, second, 200, 100);
    const elsewhere = ParcelData.received(a.memory, first, 0, 100);
    first.fill(2);
    a.memory.lent.end();
    second.fill(3);
    expect([...early.bytes()]).toEqual([...BUFFER.subarray(0, 100)]);
    expect([...late.bytes()]).toEqual([...BUFFER.subarray(200, 300)]);
    expect([...elsewhere.bytes()]).toEqual(new Array<number>(100).fill(1));
    for (const data of [early, late, elsewhere]) data.release();
    expect(end()).toBe(0);
  });
});
