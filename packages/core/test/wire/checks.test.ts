/** What must hold between the fields of a message, whoever receives it. */
import { describe, expect, it } from "vitest";
import { Limits } from "../../src/base/limits.ts";
import { writeU64Exact } from "../../src/wire/bytes.ts";
import { decodeParams } from "../../src/wire/decode.ts";
import { NULL_FRAGMENT, type RouterDescriptor } from "../../src/wire/descriptors.ts";
import { encodeMessage } from "../../src/wire/encode.ts";
import { type BufferId, type SublinkId } from "../../src/wire/ids.ts";
import { AddBlockBuffer, ProvideMemory, RequestMemory } from "../../src/wire/messages/memory.ts";
import { AcceptParcel } from "../../src/wire/messages/parcel.ts";
import type { MessageOf, MessageSchema } from "../../src/wire/schema.ts";
import { plainDescriptor } from "./plain-descriptor.ts";

function isAccepted<S extends MessageSchema>(schema: S, values: MessageOf<S>, numObjects = 0) {
  const bytes = encodeMessage(schema, values);
  return decodeParams(schema, bytes, bytes.length, 24, numObjects) !== null;
}

describe("RequestMemory", () => {
  it("asks for something", () => {
    expect(isAccepted(RequestMemory, { size: 0 })).toBe(false);
    expect(isAccepted(RequestMemory, { size: 1 })).toBe(true);
  });

  it("of size 0 can be answered all the same", () => {
    expect(isAccepted(ProvideMemory, { size: 0, buffer: null })).toBe(true);
  });
});

function add(blockSize: number): boolean {
  return isAccepted(AddBlockBuffer, { id: 1 as BufferId, blockSize, buffer: null });
}

describe("AddBlockBuffer", () => {
  it("has blocks of a power of two, of 64 bytes or more", () => {
    for (const blockSize of [64, 128, 4096, 2 ** 20, 2 ** 31]) expect(add(blockSize)).toBe(true);
    for (const blockSize of [0, 1, 2, 8, 32, 63, 65, 96, 192, 2 ** 31 + 64, 2 ** 32 - 1])
      expect(add(blockSize)).toBe(false);
  });

  it("has an id", () => {
    const bytes = encodeMessage(AddBlockBuffer, { id: 1 as BufferId, blockSize: 64, buffer: null });
    writeU64Exact(bytes, 32, 2n ** 64n - 1n);
    expect(decodeParams(AddBlockBuffer, bytes, bytes.length, 24, 0)).toBeNull();
  });
});

const SUBLINK = 5 as SublinkId;
const PARCEL: MessageOf<typeof AcceptParcel> = {
  sublink: SUBLINK,
  sequenceNumber: 0,
  subparcelIndex: 0,
  numSubparcels: 1,
  parcelFragment: NULL_FRAGMENT,
  parcelData: new Uint8Array(0),
  handleTypes: [],
  newRouters: [],
  driverObjects: { first: 0, count: 0 },
};
const PROXIED: RouterDescriptor = plainDescriptor(12, { nextIncomingSequenceNumber: 5 });
const LINK_STATE = { bufferId: 0 as BufferId, offset: 1088, size: 64 };
const BYPASSED: RouterDescriptor = {
  ...PROXIED,
  newLinkStateFragment: LINK_STATE,
  newDecayingSublink: 13 as SublinkId,
  proxyAlreadyBypassed: true,
};

function parcel(changes: Partial<MessageOf<typeof AcceptParcel>>, numObjects = 0): boolean {
  return isAccepted(AcceptParcel, { ...PARCEL, ...changes }, numObjects);
}

function part(subparcelIndex: number, numSubparcels: number): boolean {
  return parcel({ subparcelIndex, numSubparcels });
}

function brings(descriptor: RouterDescriptor): boolean {
  return parcel({ handleTypes: [0], newRouters: [descriptor] });
}

function bringsLinkState(offset: number, size: number): boolean {
  return brings({ ...BYPASSED, newLinkStateFragment: { ...LINK_STATE, offset, size } });
}

function closedAt(closedPeerSequenceLength: number): boolean {
  return brings({ ...PROXIED, peerClosed: true, closedPeerSequenceLength });
}

describe("AcceptParcel", () => {
  it("numbers its parts within bounds", () => {
    expect(part(0, 1)).toBe(true);
    expect(part(1, 2)).toBe(true);
    expect(part(0, 0)).toBe(false);
    expect(part(1, 1)).toBe(false);
    expect(part(2, 2)).toBe(false);
    expect(part(1, Limits.subparcelsMax)).toBe(true);
    expect(part(1, Limits.subparcelsMax + 1)).toBe(false);
    expect(part(0xffff_fffe, 0xffff_ffff)).toBe(false);
  });

  it("has a descriptor for each portal", () => {
    expect(parcel({ handleTypes: [0], newRouters: [PROXIED] })).toBe(true);
    expect(parcel({ handleTypes: [0] })).toBe(false);
    expect(parcel({ newRouters: [PROXIED] })).toBe(false);
    expect(parcel({ handleTypes: [2], newRouters: [PROXIED] })).toBe(false);
  });

  it("has a driver object for each box, and no other", () => {
    const two = { first: 0, count: 2 };
    expect(parcel({ handleTypes: [1, 1], driverObjects: two }, 2)).toBe(true);
    expect(parcel({ handleTypes: [1, 1], driverObjects: two }, 3)).toBe(false);
    expect(parcel({ handleTypes: [1], driverObjects: two }, 2)).toBe(false);
    expect(parcel({ handleTypes: [1, 1, 1], driverObjects: two }, 2)).toBe(false);
    expect(parcel({ handleTypes: [1], driverObjects: { first: 1, count: 1 } }, 2)).toBe(false);
    expect(parcel({ handleTypes: [1, 1] }, 2)).toBe(false);
  });

  it("may leave its driver objects to the relayed half", () => {
    expect(parcel({ handleTypes: [2, 2] })).toBe(true);
  });

  it("has a part for each subparcel, and a subparcel for each part", () => {
    expect(parcel({ handleTypes: [3] })).toBe(false);
    expect(parcel({ handleTypes: [3], numSubparcels: 2 })).toBe(true);
    expect(parcel({ handleTypes: [3, 3], numSubparcels: 2 })).toBe(false);
    expect(parcel({ numSubparcels: 2 })).toBe(false);
  });

  it("has no subparcels in subparcels", () => {
    expect(parcel({ handleTypes: [3], numSubparcels: 2, subparcelIndex: 1 })).toBe(false);
  });

  it("attaches only what is known", () => {
    for (const type of [4, 255, 0xffff_ffff]) expect(parcel({ handleTypes: [type] })).toBe(false);
  });
});

describe("a router descriptor", () => {
  it("brings a link state if, and only if, the proxy is bypassed already", () => {
    expect(brings(BYPASSED)).toBe(true);
    expect(brings({ ...BYPASSED, newLinkStateFragment: NULL_FRAGMENT })).toBe(false);
    expect(brings({ ...PROXIED, newLinkStateFragment: LINK_STATE })).toBe(false);
  });

  it("brings a link state of 64 bytes, at a multiple of 8", () => {
    expect(bringsLinkState(8, 64)).toBe(true);
    expect(bringsLinkState(8, 63)).toBe(false);
    expect(bringsLinkState(12, 64)).toBe(false);
  });

  it("names links that differ from each other and from the one it came on", () => {
    expect(brings({ ...PROXIED, newSublink: SUBLINK })).toBe(false);
    expect(brings({ ...BYPASSED, newSublink: SUBLINK })).toBe(false);
    expect(brings({ ...BYPASSED, newDecayingSublink: SUBLINK })).toBe(false);
    expect(brings({ ...BYPASSED, newDecayingSublink: BYPASSED.newSublink })).toBe(false);
    // Without a decaying link there is nothing to differ from.
    expect(brings({ ...PROXIED, newDecayingSublink: SUBLINK })).toBe(true);
  });

  it("closes a route within reach of what is to be delivered next", () => {
    expect(closedAt(4)).toBe(false);
    expect(closedAt(5)).toBe(true);
    expect(closedAt(5 + Limits.sequenceGapMax)).toBe(true);
    expect(closedAt(6 + Limits.sequenceGapMax)).toBe(false);
  });

  it("is checked after others, too", () => {
    const broken = { ...PROXIED, newSublink: SUBLINK };
    expect(parcel({ handleTypes: [0, 0], newRouters: [PROXIED, broken] })).toBe(false);
  });
});
