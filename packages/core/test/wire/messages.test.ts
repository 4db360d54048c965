/** The declared messages against a table made apart from them. */
import { describe, expect, expectTypeOf, it } from "vitest";
import type { FragmentDescriptor, RouterDescriptor } from "../../src/wire/descriptors.ts";
import type { LinkSide, NodeName, NodeType, SublinkId } from "../../src/wire/ids.ts";
import { ELEMENT_BYTES, FIELD_BYTES, placeFields } from "../../src/wire/layout.ts";
import { messageById, MESSAGES } from "../../src/wire/messages.ts";
import type { AcceptIntroduction } from "../../src/wire/messages/introduce.ts";
import type { AcceptParcel } from "../../src/wire/messages/parcel.ts";
import type { BypassPeer } from "../../src/wire/messages/route.ts";
import { RouterDescriptorFields } from "../../src/wire/router-descriptor.ts";
import {
  blocksOf,
  fixedBytesOf,
  type MessageOf,
  type ObjectRange,
  type StructOf,
} from "../../src/wire/schema.ts";
import { EXPECTED_LAYOUTS } from "./expected-layouts.ts";

describe("the protocol", () => {
  it("has these ids and names, in order", () => {
    expect(MESSAGES.map(({ id, name }) => [id, name])).toEqual(
      EXPECTED_LAYOUTS.map(({ id, name }) => [id, name]).toSorted(
        (a, b) => Number(a[0]) - Number(b[0]),
      ),
    );
  });

  it("knows each message by the id its schema declares, and no other", () => {
    const ids = new Set(MESSAGES.map(({ id }) => id));
    for (let id = 0; id < 300; id++)
      expect(messageById(id)?.schema.id).toBe(ids.has(id) ? id : undefined);
  });

  it("says who sends a message to whom", () => {
    const table = MESSAGES.filter(({ from, to }) => from !== "any" || to !== "any");
    expect(table.map(({ id, from, to }) => `${id}: ${from} to ${to}`)).toEqual([
      "0: broker to non-broker",
      "1: non-broker to broker",
      "2: non-broker to broker",
      "3: non-broker to broker",
      "4: broker to non-broker",
      "5: broker to non-broker",
      "6: broker to non-broker",
      "7: broker to broker",
      "10: any to broker",
      "11: broker to any",
      "12: broker to any",
      "13: broker to broker",
      "66: any to broker",
      "67: broker to any",
    ]);
  });

  for (const expected of EXPECTED_LAYOUTS)
    it(`places the fields of ${expected.name}`, () => {
      const { schema } = messageById(expected.id)!;
      const blocks = blocksOf(schema);
      expect(blocks.map(({ end }) => end)).toEqual(
        [expected.structBytesV0, expected.structBytesV1].filter((bytes) => bytes !== null),
      );
      expect(fixedBytesOf(schema)).toBe(expected.fixedBytes);
      const places = blocks
        .flatMap(({ fields }) => fields)
        .map(({ name, kind, offset }) => [name, 24 + offset, FIELD_BYTES[kind]]);
      expect(places).toEqual(expected.fields);
    });

  it("describes every field, and aligns it to its size", () => {
    for (const { schema } of MESSAGES) {
      for (const [, , description] of [...schema.v0, ...(schema.v1 ?? [])])
        expect(description.length).toBeGreaterThan(2);
      for (const { fields } of blocksOf(schema))
        for (const { kind, offset } of fields)
          expect(offset % Math.min(FIELD_BYTES[kind], kind === "objectRange" ? 4 : 8)).toBe(0);
    }
  });
});

describe("a router descriptor", () => {
  it("is laid out in 96 bytes", () => {
    const { placed, end } = placeFields(RouterDescriptorFields, 0);
    expect(end).toBe(96);
    expect(ELEMENT_BYTES["array(routerDescriptor)"]).toBe(96);
    expect(placed.map(({ name, offset }) => [name, offset])).toEqual([
      ["closedPeerSequenceLength", 0],
      ["newSublink", 8],
      ["newLinkStateFragment", 16],
      ["newDecayingSublink", 32],
      ["nextOutgoingSequenceNumber", 40],
      ["nextIncomingSequenceNumber", 48],
      ["decayingIncomingSequenceLength", 56],
      ["peerClosed", 64],
      ["proxyAlreadyBypassed", 64],
      ["reserved", 65],
      ["proxyPeerNodeName", 72],
      ["proxyPeerSublink", 88],
    ]);
  });

  it("decodes to the type that core uses", () => {
    expectTypeOf<StructOf<typeof RouterDescriptorFields>>().toEqualTypeOf<RouterDescriptor>();
  });
});

describe("the type of a message", () => {
  it("has the fields of both versions, without padding", () => {
    expectTypeOf<MessageOf<typeof AcceptIntroduction>>().toEqualTypeOf<{
      readonly name: NodeName;
      readonly linkSide: LinkSide;
      readonly remoteNodeType: NodeType;
      readonly remoteProtocolVersion: number;
      readonly transport: number | null;
      readonly memory: number | null;
      readonly remoteFeatures: readonly bigint[];
    }>();
    expectTypeOf<MessageOf<typeof BypassPeer>>().toEqualTypeOf<{
      readonly sublink: SublinkId;
      readonly bypassTargetNode: NodeName;
      readonly bypassTargetSublink: SublinkId;
    }>();
    expectTypeOf<MessageOf<typeof AcceptParcel>>().toEqualTypeOf<{
      readonly sublink: SublinkId;
      readonly sequenceNumber: number;
      readonly subparcelIndex: number;
      readonly numSubparcels: number;
      readonly parcelFragment: FragmentDescriptor;
      readonly parcelData: Uint8Array;
      readonly handleTypes: readonly number[];
      readonly newRouters: readonly RouterDescriptor[];
      readonly driverObjects: ObjectRange;
    }>();
  });
});
