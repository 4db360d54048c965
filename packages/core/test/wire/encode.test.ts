import { describe, expect, it } from "vitest";
import { writeAcceptParcel } from "../../src/wire/accept-parcel.ts";
import { decodeParams } from "../../src/wire/decode.ts";
import { encodeMessage } from "../../src/wire/encode.ts";
import { NULL_FRAGMENT } from "../../src/wire/descriptors.ts";
import { NO_BUFFER, type NodeName, type SublinkId } from "../../src/wire/ids.ts";
import { MESSAGES } from "../../src/wire/messages.ts";
import { ConnectToReferredNonBroker } from "../../src/wire/messages/connect.ts";
import { AcceptParcel } from "../../src/wire/messages/parcel.ts";
import { RouteClosed } from "../../src/wire/messages/route.ts";
import { unaccounted } from "./account.ts";
import { Random } from "./random.ts";
import { sample, sampleRouter } from "./samples.ts";

/** Bytes as hex, eight to a group. */
function groups(bytes: Uint8Array): readonly string[] {
  const hex = Buffer.from(bytes).toString("hex");
  return hex.match(/.{1,16}/g) ?? [];
}

describe("encoding", () => {
  it("writes header, struct header and fields", () => {
    const bytes = encodeMessage(RouteClosed, { sublink: 0 as SublinkId, sequenceLength: 1 });
    expect(groups(bytes)).toEqual([
      "1800160000000000", // header: 24 bytes, message 22
      "0000000000000000", // sequence number
      "0000000000000000", // no driver objects
      "1800000000000000", // struct: 24 bytes
      "0000000000000000", // sublink
      "0100000000000000", // sequenceLength
    ]);
  });

  it("writes both versions, also without features", () => {
    const name = "00000000000000010000000000000002" as NodeName;
    const bytes = encodeMessage(ConnectToReferredNonBroker, {
      name,
      brokerName: name,
      referrerName: name,
      brokerProtocolVersion: 0,
      referrerProtocolVersion: 0,
      numInitialPortals: 1,
      brokerLinkBuffer: 0,
      referrerLinkTransport: null,
      referrerLinkBuffer: 1,
      brokerFeatures: [],
      referrerFeatures: [1n, 2n],
    });
    expect(bytes.length).toBe(112 + 24);
    expect(groups(bytes.subarray(88, 112))).toEqual([
      "0100000000000000", // numInitialPortals, brokerLinkBuffer
      "ffffffff01000000", // no referrerLinkTransport, referrerLinkBuffer
      "0000000070000000", // no brokerFeatures, referrerFeatures at 112
    ]);
    expect(groups(bytes.subarray(112))).toEqual([
      "1800000002000000",
      "0100000000000000",
      "0200000000000000",
    ]);
  });

  it("places arrays in the order of their fields, 8-aligned, zero-padded; an empty one takes no room", () => {
    const random = new Random(7);
    const sublink = 3 as SublinkId;
    const bytes = encodeMessage(AcceptParcel, {
      sublink,
      sequenceNumber: 9,
      subparcelIndex: 0,
      numSubparcels: 1,
      parcelFragment: NULL_FRAGMENT,
      parcelData: Uint8Array.of(1, 2, 3),
      handleTypes: [0],
      newRouters: [sampleRouter(random, sublink)],
      driverObjects: { first: 0, count: 0 },
    });
    expect(groups(bytes.subarray(56, 72))).toEqual(["ffffffffffffffff", "0000000000000000"]);
    expect(groups(bytes.subarray(72, 88))).toEqual(["6000000070000000", "8000000000000000"]);
    expect(groups(bytes.subarray(96, 112))).toEqual(["1000000003000000", "0102030000000000"]);
    expect(groups(bytes.subarray(112, 128))).toEqual(["1000000001000000", "0000000000000000"]);
    expect(groups(bytes.subarray(128, 136))).toEqual(["6800000001000000"]);
    expect(bytes.length).toBe(128 + 104);
  });

  it("writes no fragment as an id of all ones at 0, by schema and by hand", () => {
    const parcelFragment = { bufferId: NO_BUFFER, offset: 5, size: 6 };
    const bytes = encodeMessage(AcceptParcel, {
      sublink: 0 as SublinkId,
      sequenceNumber: 0,
      subparcelIndex: 0,
      numSubparcels: 1,
      parcelFragment,
      parcelData: new Uint8Array(0),
      handleTypes: [],
      newRouters: [],
      driverObjects: { first: 0, count: 0 },
    });
    const byHand = new Uint8Array(96).fill(0xee);
    writeAcceptParcel(byHand, 0 as SublinkId, 0, 0, 1, parcelFragment, 0);
    expect(groups(bytes.subarray(56, 72))).toEqual(["ffffffffffffffff", "0000000000000000"]);
    expect(byHand).toEqual(bytes);
  });

  for (const { id, name, schema } of MESSAGES)
    it(`of ${name} decodes to what was encoded, and leaves no byte unused (seed ${id})`, () => {
      const random = new Random(id);
      for (let round = 0; round < 200; round++) {
        const { values, numObjects } = sample(schema, random);
        const bytes = encodeMessage(schema, values);
        expect(decodeParams(schema, bytes, bytes.length, 24, numObjects)).toEqual(values);
        expect(unaccounted(schema, bytes)).toEqual([]);
        expect(bytes.length % 8).toBe(0);
      }
    });

  it("of a number that does not fit the wire is our bug", () => {
    const sublink = 0 as SublinkId;
    for (const sequenceLength of [-1, 2 ** 52, Number.NaN])
      expect(() => encodeMessage(RouteClosed, { sublink, sequenceLength })).toThrow(
        "fits the wire",
      );
    expect(() =>
      encodeMessage(RouteClosed, { sublink, sequenceLength: 2 ** 52 - 1 }),
    ).not.toThrow();
  });
});
