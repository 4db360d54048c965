/** The writer and reader by hand are those of the schema. */
import { describe, expect, it } from "vitest";
import {
  ACCEPT_PARCEL_BYTES,
  acceptParcelBytes,
  PARCEL_DATA_OFFSET,
  setParcelNumber,
  writeAcceptParcel,
} from "../../src/wire/accept-parcel.ts";
import { decodeParams } from "../../src/wire/decode.ts";
import { NULL_FRAGMENT } from "../../src/wire/descriptors.ts";
import { encodeMessage } from "../../src/wire/encode.ts";
import { decodeHeader } from "../../src/wire/header.ts";
import type { BufferId, SublinkId } from "../../src/wire/ids.ts";
import { AcceptParcel } from "../../src/wire/messages/parcel.ts";
import { fixedBytesOf } from "../../src/wire/schema.ts";
import { Random } from "./random.ts";
import { readByHand } from "./read-by-hand.ts";
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

  it.each([0, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1, 2 ** 32, 2 ** 52 - 1])(
    "writes and reads ids and numbers of %d as the schema does",
    (number) => {
      const values = {
        sublink: number as SublinkId,
        sequenceNumber: number,
        subparcelIndex: 0,
        numSubparcels: 1,
        parcelFragment: { bufferId: number as BufferId, offset: 0, size: 0 },
        parcelData: new Uint8Array(0),
        handleTypes: [],
        newRouters: [],
        driverObjects: { first: 0, count: 0 },
      };
      const bytes = encodeMessage(AcceptParcel, values);
      const byHand = new Uint8Array(ACCEPT_PARCEL_BYTES).fill(0xee);
      writeAcceptParcel(byHand, values.sublink, number, 0, 1, values.parcelFragment, 0);
      expect(byHand).toEqual(bytes);
      expect(readByHand(bytes)).toEqual(values);
      setParcelNumber(byHand, 7);
      setParcelNumber(byHand, number);
      expect(byHand).toEqual(bytes);
    },
  );

  it("refuses a buffer that is too small", () => {
    expect(() => write(95, 0)).toThrow("holds the whole message");
    expect(() => write(111, 1)).toThrow("holds the whole message");
    expect(write(112, 1)).toBe(112);
  });

  it(`reads what the schema reads, and leaves it what has attachments or parts (seed ${SEED})`, () => {
    const random = new Random(SEED);
    let plain = 0;
    for (let round = 0; round < 2000; round++) {
      const made = sampleParcel(random);
      const { values } = made;
      const isPlain = values.handleTypes.length === 0 && values.numSubparcels === 1;
      if (isPlain) plain++;
      expect(readByHand(sampleBytes(AcceptParcel, made))).toEqual(isPlain ? values : null);
    }
    expect(plain).toBeGreaterThan(20);
  });

  it(`reads nothing that the schema refuses or reads otherwise (seed ${SEED})`, () => {
    const random = new Random(SEED);
    let refused = 0;
    let read = 0;
    for (let round = 0; round < 20_000; round++) {
      const { values } = sampleParcel(random);
      const plain = {
        ...values,
        subparcelIndex: 0,
        numSubparcels: 1,
        handleTypes: [],
        newRouters: [],
        driverObjects: { first: 0, count: 0 },
      };
      const bytes = encodeMessage(AcceptParcel, plain);
      for (let change = random.below(3); change >= 0; change--)
        bytes[random.below(bytes.length)] = random.pick([0, 1, 8, 0x10, 0x80, 0xff]);
      const numBytes = random.below(20) === 0 ? random.below(bytes.length) : bytes.length;
      const byHand = readByHand(bytes, numBytes);
      if (byHand === null) {
        refused++;
        continue;
      }
      read++;
      const header = decodeHeader(bytes, numBytes);
      expect(header).toMatchObject({ messageId: AcceptParcel.id, size: 24 });
      expect(header?.driverObjectDataOffset).toBe(0);
      expect(decodeParams(AcceptParcel, bytes, numBytes, 24, 0)).toEqual(byHand);
    }
    expect(Math.min(refused, read)).toBeGreaterThan(4000);
  });
});
