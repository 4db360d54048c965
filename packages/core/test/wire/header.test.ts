import { describe, expect, it } from "vitest";
import {
  decodeHeader,
  HEADER_BYTES,
  MessageHeaderFields,
  sequenceNumberOf,
  setDriverObjectDataOffset,
  setSequenceNumber,
  writeHeader,
} from "../../src/wire/header.ts";
import { placeFields } from "../../src/wire/layout.ts";

/** A message of `length` bytes whose header says `size` and `version`. */
function message(length: number, size: number, version: number): Uint8Array {
  const bytes = new Uint8Array(length);
  bytes.set([size, version, 22]);
  return bytes;
}

function decode(bytes: Uint8Array) {
  return decodeHeader(bytes, bytes.length);
}

describe("a message header", () => {
  it("lies where it is declared", () => {
    const { placed, end } = placeFields(MessageHeaderFields, 0);
    const offsets = Object.fromEntries(placed.map(({ name, offset }) => [name, offset]));
    expect(end).toBe(HEADER_BYTES);
    const bytes = new Uint8Array(64).fill(0xff);
    writeHeader(bytes, 20);
    setSequenceNumber(bytes, 0x0102_0304_0506);
    setDriverObjectDataOffset(bytes, 0x0708_090a);
    const view = new DataView(bytes.buffer);
    expect(view.getUint8(offsets["size"]!)).toBe(24);
    expect(view.getUint8(offsets["version"]!)).toBe(0);
    expect(view.getUint8(offsets["messageId"]!)).toBe(20);
    expect(view.getBigUint64(offsets["sequenceNumber"]!, true)).toBe(0x0102_0304_0506n);
    expect(view.getUint32(offsets["driverObjectDataOffset"]!, true)).toBe(0x0708_090a);
    expect([...bytes.subarray(3, 8)]).toEqual([0, 0, 0, 0, 0]);
    expect(view.getUint32(offsets["reserved1"]!, true)).toBe(0);
    expect(bytes[24]).toBe(0xff);
    expect(decode(bytes)).toEqual({
      messageId: 20,
      version: 0,
      size: 24,
      driverObjectDataOffset: 0x0708_090a,
    });
  });

  it("needs 24 bytes, even for an unknown message", () => {
    expect(decode(new Uint8Array(0))).toBeNull();
    expect(decode(message(23, 24, 0))).toBeNull();
    expect(decode(message(24, 24, 0))).not.toBeNull();
  });

  it("ends with numBytes, not with the array", () => {
    expect(decodeHeader(message(64, 24, 0), 23)).toBeNull();
    expect(decodeHeader(message(64, 32, 1), 31)).toBeNull();
    expect(decodeHeader(message(64, 32, 1), 32)).not.toBeNull();
  });

  for (const size of [0, 8, 16, 23, 25, 32, 255])
    it(`is refused in version 0 with size ${size}`, () => {
      expect(decode(message(300, size, 0))).toBeNull();
    });

  for (const size of [24, 32, 40, 248])
    it(`is accepted in version 1 with size ${size}, whatever it adds`, () => {
      const bytes = message(300, size, 1).fill(0xff, 24);
      expect(decode(bytes)).toMatchObject({ version: 1, size, messageId: 22 });
    });

  for (const size of [0, 16, 23, 25, 33, 44, 255])
    it(`is refused in version 1 with size ${size}`, () => {
      expect(decode(message(300, size, 1))).toBeNull();
    });

  it("is refused when it is longer than the message", () => {
    expect(decode(message(24, 32, 1))).toBeNull();
    expect(decode(message(31, 32, 1))).toBeNull();
    expect(decode(message(32, 32, 1))).not.toBeNull();
  });

  it("may hold anything where it is reserved, and any sequence number", () => {
    const bytes = message(24, 24, 0).fill(0xff, 3, 16).fill(0xff, 20);
    expect(decode(bytes)).not.toBeNull();
    expect(sequenceNumberOf(bytes)).toBe(2n ** 64n - 1n);
  });
});
