/** The writer and reader by hand are those of the schema. */
import { describe, expect, it } from "vitest";
import {
  ACCEPT_PARCEL_BYTES,
  acceptParcelBytes,
  decodeAcceptParcel,
  PARCEL_DATA_OFFSET,
  writeAcceptParcel,
} from "../../src/wire/accept-parcel.ts";
import { decodeParams } from "../../src/wire/decode.ts";
import { NULL_FRAGMENT } from "../../src/wire/descriptors.ts";
import { encodeMessage } from "../../src/wire/encode.ts";
import type { SublinkId } from "../../src/wire/ids.ts";
import { AcceptParcel } from "../../src/wire/messages/parcel.ts";
import { fixedBytesOf } from "../../src/wire/schema.ts";
import { Random } from "./random.ts";
import { sampleBytes, sampleParcel } from "./samples.ts";

const SEED = 42;

/** Into a buffer of so many bytes. */
function write(bytes: number, dataLength: number): number {
  const target = new Uint8Array(bytes);
  return writeAcceptParcel(target, 0 as SublinkId, 0, 0, 1, NULL_FRAGMENT, dataLength);
}

describe("AcceptParcel by hand", () => {
  it("has the size of the schema, and data right behind its array's header", () => {
    expect(ACCEPT_PARCEL_BYTES).toBe(fixedBytesOf(AcceptParcel));
    expect(PARCEL_DATA_OFFSET).toBe(ACCEPT_PARCEL_BYTES + 8);
    expect([0, 1, 8, 9].map(acceptParcelBytes)).toEqual([96, 112, 112, 120]);
  });

  it(`writes what the schema writes, whatever was in the buffer (seed ${SEED})`, () => {
    const random = new Random(SEED);
    for (let round = 0; round < 2000; round++) {
      const values = { ...sampleParcel(random).values, handleTypes: [], newRouters: [] };
      const plain = { ...values, driverObjects: { first: 0, count: 0 } };
      const target = random.bytes(200);
      const after = target.slice();
      const numBytes = writeAcceptParcel(
        target,
        plain.sublink,
        plain.sequenceNumber,
        plain.subparcelIndex,
        plain.numSubparcels,
        plain.parcelFragment,
        plain.parcelData.length,
      );
      target.set(plain.parcelData, PARCEL_DATA_OFFSET);
      if (plain.parcelData.length === 0) target.set(after.subarray(numBytes), numBytes);
      expect(target.subarray(0, numBytes)).toEqual(encodeMessage(AcceptParcel, plain));
      expect(target.subarray(numBytes)).toEqual(after.subarray(numBytes));
    }
  });

  it("refuses a buffer that is too small", () => {
    expect(() => write(95, 0)).toThrow("holds the whole message");
    expect(() => write(111, 1)).toThrow("holds the whole message");
    expect(write(112, 1)).toBe(112);
  });

  it(`reads what the schema reads (seed ${SEED})`, () => {
    const random = new Random(SEED);
    for (let round = 0; round < 2000; round++) {
      const made = sampleParcel(random);
      const bytes = sampleBytes(AcceptParcel, made);
      expect(decodeAcceptParcel(bytes, bytes.length, 24, made.numObjects)).toEqual(made.values);
    }
  });

  it(`refuses what the schema refuses (seed ${SEED})`, () => {
    const random = new Random(SEED);
    let refused = 0;
    for (let round = 0; round < 20_000; round++) {
      const made = sampleParcel(random);
      const plain = {
        ...made.values,
        handleTypes: [],
        newRouters: [],
        driverObjects: { first: 0, count: 0 },
      };
      const bytes = encodeMessage(AcceptParcel, random.flip() ? plain : made.values);
      for (let change = random.below(3); change >= 0; change--)
        bytes[24 + random.below(bytes.length - 24)] = random.pick([0, 1, 8, 0x10, 0x80, 0xff]);
      const numObjects = random.below(2);
      const headerSize = random.below(20) === 0 ? 32 : 24;
      const numBytes = random.below(20) === 0 ? random.below(bytes.length) : bytes.length;
      const bySchema = decodeParams(AcceptParcel, bytes, numBytes, headerSize, numObjects);
      expect(decodeAcceptParcel(bytes, numBytes, headerSize, numObjects)).toEqual(bySchema);
      if (!bySchema) refused++;
    }
    expect(refused).toBeGreaterThan(4000);
    expect(refused).toBeLessThan(19_000);
  });

  it("lends the data: a view of the message", () => {
    const bytes = new Uint8Array(112);
    writeAcceptParcel(bytes, 0 as SublinkId, 0, 0, 1, NULL_FRAGMENT, 3);
    bytes.set([1, 2, 3], PARCEL_DATA_OFFSET);
    const data = decodeAcceptParcel(bytes, 112, 24, 0)!.parcelData;
    expect(data).toEqual(Uint8Array.of(1, 2, 3));
    expect(data.buffer).toBe(bytes.buffer);
  });
});
