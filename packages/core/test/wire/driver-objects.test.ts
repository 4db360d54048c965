import { describe, expect, it } from "vitest";
import { readU16, readU32, writeU16, writeU32 } from "../../src/wire/bytes.ts";
import {
  appendDriverObjects,
  decodeDriverObjects,
  driverObjectBytesIn,
} from "../../src/wire/driver-objects.ts";
import { encodeMessage } from "../../src/wire/encode.ts";
import { decodeHeader } from "../../src/wire/header.ts";
import { FlushRouter } from "../../src/wire/messages/route.ts";

const MESSAGE = encodeMessage(FlushRouter, { sublink: 12 as never });

const data = (...bytes: number[]) => Uint8Array.from(bytes);

/** A message of 40 bytes with three objects: the array at 40, their bytes at 72 and 88. */
function threeObjects(): Uint8Array {
  return appendDriverObjects(MESSAGE, [
    { data: data(1, 2, 3), numHandles: 2 },
    { data: null, numHandles: 1 },
    { data: data(4, 5, 6, 7, 8, 9, 10, 11, 12), numHandles: 0 },
  ]);
}

function decode(bytes: Uint8Array, numHandles: number) {
  return decodeDriverObjects(bytes, bytes.length, decodeHeader(bytes, bytes.length)!, numHandles);
}

describe("driver objects of a message", () => {
  it("follow it in order: the array, then the bytes of each object", () => {
    const bytes = threeObjects();
    expect(readU32(bytes, 16)).toBe(40);
    expect([readU32(bytes, 40), readU32(bytes, 44)]).toEqual([32, 3]);
    expect([readU32(bytes, 48), readU16(bytes, 52), readU16(bytes, 54)]).toEqual([72, 0, 2]);
    expect([readU32(bytes, 56), readU16(bytes, 60), readU16(bytes, 62)]).toEqual([0, 2, 1]);
    expect([readU32(bytes, 64), readU16(bytes, 68), readU16(bytes, 70)]).toEqual([88, 3, 0]);
    expect([...bytes.subarray(72, 88)]).toEqual([16, 0, 0, 0, 3, 0, 0, 0, 1, 2, 3, 0, 0, 0, 0, 0]);
    expect([readU32(bytes, 88), readU32(bytes, 92)]).toEqual([24, 9]);
    expect(bytes.length).toBe(112);
    expect(bytes.subarray(24, 40)).toEqual(MESSAGE.subarray(24));
  });

  it("come back as they were appended", () => {
    expect(decode(threeObjects(), 3)).toEqual([
      { dataOffset: 80, dataLength: 3, firstHandle: 0, numHandles: 2 },
      { dataOffset: 0, dataLength: 0, firstHandle: 2, numHandles: 1 },
      { dataOffset: 96, dataLength: 9, firstHandle: 3, numHandles: 0 },
    ]);
  });

  it("are found where nobody will read the message, as far as they need no handles", () => {
    const bytes = appendDriverObjects(MESSAGE, [
      { data: data(1, 2, 3), numHandles: 0 },
      { data: null, numHandles: 0 },
      { data: data(4, 5), numHandles: 0 },
    ]);
    const found = driverObjectBytesIn(bytes).map(({ start, end }) => bytes.subarray(start, end));
    expect(found).toEqual([data(1, 2, 3), data(4, 5)]);
    expect(driverObjectBytesIn(threeObjects())).toEqual([]);
    expect(driverObjectBytesIn(MESSAGE)).toEqual([]);
    expect(driverObjectBytesIn(threeObjects().subarray(0, 50))).toEqual([]);
    expect(driverObjectBytesIn(new Uint8Array(3))).toEqual([]);
  });

  it("leave the message as it is when there are none", () => {
    expect(appendDriverObjects(MESSAGE, [])).toBe(MESSAGE);
    expect(decode(MESSAGE, 0)).toEqual([]);
    expect(decode(MESSAGE, 5)).toEqual([]);
  });

  it("need no bytes of their own: no data and empty data are the same", () => {
    const empty = appendDriverObjects(MESSAGE, [{ data: data(), numHandles: 1 }]);
    expect(empty).toEqual(appendDriverObjects(MESSAGE, [{ data: null, numHandles: 1 }]));
    expect(empty.length).toBe(56);
  });

  it("are refused together when their array is not sound", () => {
    const bytes = threeObjects();
    writeU32(bytes, 16, bytes.length);
    expect(decode(bytes, 3)).toBeNull();
    writeU32(bytes, 16, 40);
    writeU32(bytes, 44, 4);
    expect(decode(bytes, 3)).toBeNull();
  });

  it("are valid one by one: bad bytes spoil one object", () => {
    const bytes = threeObjects();
    writeU32(bytes, 48, bytes.length - 7);
    expect(decode(bytes, 3)?.map((span) => span !== null)).toEqual([false, true, true]);
    writeU32(bytes, 48, 72);
    writeU32(bytes, 76, 9);
    expect(decode(bytes, 3)?.map((span) => span !== null)).toEqual([false, true, true]);
  });

  it("are valid one by one: a missing handle spoils one object", () => {
    expect(decode(threeObjects(), 2)?.map((span) => span !== null)).toEqual([true, false, false]);
    expect(decode(threeObjects(), 1)?.map((span) => span !== null)).toEqual([false, false, false]);
  });

  it("may name no handle at the very end, but not past it", () => {
    const bytes = threeObjects();
    expect(decode(bytes, 3)?.[2]).not.toBeNull();
    writeU16(bytes, 68, 4);
    expect(decode(bytes, 3)?.[2]).toBeNull();
  });

  it("may name handles in any order, and leave some unnamed", () => {
    const bytes = threeObjects();
    writeU16(bytes, 52, 3);
    writeU16(bytes, 60, 0);
    expect(decode(bytes, 6)?.map((span) => span?.firstHandle)).toEqual([3, 0, 3]);
  });

  it("share no handle: the second to name it is not valid", () => {
    const bytes = threeObjects();
    writeU16(bytes, 60, 1);
    expect(decode(bytes, 3)?.map((span) => span !== null)).toEqual([true, false, true]);
  });

  it("give up a handle when their bytes are bad, to whoever names it next", () => {
    const bytes = threeObjects();
    writeU32(bytes, 48, 0xffff_ffff);
    writeU16(bytes, 60, 1);
    expect(decode(bytes, 3)?.map((span) => span !== null)).toEqual([false, true, true]);
  });

  it("are not looked at any more once they name more handles than there are", () => {
    const bytes = threeObjects();
    writeU16(bytes, 60, 0);
    writeU16(bytes, 62, 3);
    writeU16(bytes, 68, 2);
    writeU16(bytes, 70, 1);
    // The last one names a free handle; the message is rejected in any case.
    expect(decode(bytes, 3)?.map((span) => span !== null)).toEqual([true, false, false]);
  });
});
