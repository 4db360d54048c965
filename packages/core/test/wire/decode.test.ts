/** The parameter struct and its arrays: rules of receipt, with what was measured against the C library. */
import { describe, expect, it } from "vitest";
import { writeU32, writeU64Exact } from "../../src/wire/bytes.ts";
import { decodeParams } from "../../src/wire/decode.ts";
import { encodeMessage } from "../../src/wire/encode.ts";
import type { NodeName } from "../../src/wire/ids.ts";
import { ConnectFromNonBrokerToBroker } from "../../src/wire/messages/connect.ts";
import { AcceptIntroduction } from "../../src/wire/messages/introduce.ts";
import { RelayMessage } from "../../src/wire/messages/relay.ts";
import { FlushRouter } from "../../src/wire/messages/route.ts";
import type { MessageSchema, ObjectRange } from "../../src/wire/schema.ts";

const NAME = "0123456789abcdef0011223344556677" as NodeName;

function connect(features: readonly bigint[] = [1n]): Uint8Array {
  const values = { protocolVersion: 99, numInitialPortals: 3, features };
  return encodeMessage(ConnectFromNonBrokerToBroker, values);
}

function decodeConnect(bytes: Uint8Array, numBytes = bytes.length, headerSize = 24) {
  return decodeParams(ConnectFromNonBrokerToBroker, bytes, numBytes, headerSize, 0);
}

/** `bytes` with room for `extra` more. */
function grown(bytes: Uint8Array, extra: number): Uint8Array {
  const longer = new Uint8Array(bytes.length + extra);
  longer.set(bytes);
  return longer;
}

describe("a parameter struct", () => {
  it("decodes to its fields", () => {
    expect(decodeConnect(connect())).toEqual({
      protocolVersion: 99,
      numInitialPortals: 3,
      features: [1n],
    });
  });

  it("is refused when the message ends with the header", () => {
    expect(decodeConnect(connect(), 24)).toBeNull();
    expect(decodeConnect(connect(), 31)).toBeNull();
  });

  it("is refused when it is longer than the message", () => {
    const bytes = connect([]);
    expect(bytes.length).toBe(48);
    writeU32(bytes, 24, 32);
    expect(decodeConnect(bytes)).toBeNull();
    expect(decodeConnect(grown(bytes, 7))).toBeNull();
    expect(decodeConnect(grown(bytes, 8))).not.toBeNull();
  });

  it("is refused when its size is not a multiple of 8", () => {
    for (const size of [17, 20, 23]) {
      const bytes = connect();
      writeU32(bytes, 24, size);
      expect(decodeConnect(bytes)).toBeNull();
    }
  });

  it("is refused without its version 0", () => {
    for (const size of [0, 8]) {
      const bytes = connect();
      writeU32(bytes, 24, size);
      expect(decodeConnect(bytes)).toBeNull();
    }
  });

  it("may lack version 1: no features", () => {
    const bytes = connect();
    writeU32(bytes, 24, 16);
    expect(decodeConnect(bytes)?.features).toEqual([]);
    expect(decodeConnect(bytes, 40)?.features).toEqual([]);
  });

  it("may be of a newer version, whose fields are skipped", () => {
    const bytes = new Uint8Array(24 + 64).fill(0xff);
    bytes.set(connect([]));
    writeU32(bytes, 24, 64);
    expect(decodeConnect(bytes)?.numInitialPortals).toBe(3);
  });

  it("may hold anything beside its size", () => {
    const bytes = connect();
    writeU32(bytes, 28, 0xffff_ffff);
    expect(decodeConnect(bytes)).not.toBeNull();
  });

  it("may be followed by anything", () => {
    expect(decodeConnect(grown(connect(), 13))).not.toBeNull();
  });

  for (const headerSize of [32, 40])
    it(`starts after a longer header (${headerSize} bytes)`, () => {
      const plain = connect([]);
      const bytes = new Uint8Array(headerSize + plain.length - 24);
      bytes.set(plain.subarray(24), headerSize);
      expect(decodeConnect(bytes, bytes.length, headerSize)?.numInitialPortals).toBe(3);
    });

  it("is read at any address", () => {
    const bytes = connect();
    const shifted = new Uint8Array(bytes.length + 3).subarray(3);
    shifted.set(bytes);
    expect(decodeConnect(shifted)).toEqual(decodeConnect(bytes));
  });
});

/** A message whose array of one feature word starts at `offset`, and claims these numbers. */
function withArray(offset: number, numBytes: number, numElements: number, room: number) {
  const bytes = grown(connect([]), room);
  writeU32(bytes, 40, offset);
  if (offset + 8 <= bytes.length) {
    writeU32(bytes, offset, numBytes);
    writeU32(bytes, offset + 4, numElements);
  }
  return decodeConnect(bytes)?.features;
}

describe("an array", () => {
  it("has no elements at offset 0", () => {
    expect(withArray(0, 24, 0, 0)).toEqual([]);
  });

  it("may lie at any offset, overlap anything and have any size (offset 49, 13 bytes)", () => {
    const bytes = grown(connect([]), 16);
    writeU32(bytes, 40, 49);
    writeU32(bytes, 49, 13);
    expect(decodeConnect(bytes)?.features).toEqual([]);
    writeU32(bytes, 40, 24);
    expect(decodeConnect(bytes)?.features).toEqual([]);
  });

  it("may hold bytes at an odd offset with odd padding (offset 97, 13 bytes)", () => {
    const bytes = grown(
      encodeMessage(RelayMessage, {
        destination: NAME,
        data: new Uint8Array(0),
        driverObjects: { first: 0, count: 0 },
      }),
      48,
    );
    writeU32(bytes, 48, 97);
    writeU32(bytes, 97, 13);
    writeU32(bytes, 101, 5);
    bytes.set([1, 2, 3, 4, 5], 105);
    const decoded = decodeParams(RelayMessage, bytes, 110, 24, 0);
    expect(decoded?.data).toEqual(Uint8Array.of(1, 2, 3, 4, 5));
    expect(decodeParams(RelayMessage, bytes, 109, 24, 0)).toBeNull();
    writeU32(bytes, 101, 6);
    expect(decodeParams(RelayMessage, bytes, 110, 24, 0)).toBeNull();
  });

  it("is refused at or past the end of the message", () => {
    for (const offset of [56, 57, 64, 0x7fff_ffff, 0xffff_ffff])
      expect(withArray(offset, 8, 0, 8)).toBeUndefined();
  });

  it("needs room for its own header", () => {
    expect(withArray(48, 8, 0, 7)).toBeUndefined();
    expect(withArray(48, 8, 0, 8)).toEqual([]);
  });

  it("is refused when it is shorter than its header", () => {
    for (const numBytes of [0, 1, 7]) expect(withArray(48, numBytes, 0, 16)).toBeUndefined();
  });

  it("is refused when it is longer than the rest of the message", () => {
    expect(withArray(48, 16, 1, 16)).toEqual([0n]);
    expect(withArray(48, 17, 1, 16)).toBeUndefined();
    expect(withArray(48, 0xffff_ffff, 1, 16)).toBeUndefined();
  });

  it("is refused when it says more elements than it has room for", () => {
    expect(withArray(48, 23, 1, 16)).toBeUndefined();
    expect(withArray(48, 15, 1, 16)).toBeUndefined();
    expect(withArray(48, 16, 2, 16)).toBeUndefined();
    expect(withArray(48, 16, 0x2000_0001, 16)).toBeUndefined();
    expect(withArray(48, 16, 0xffff_ffff, 16)).toBeUndefined();
  });

  it("may say fewer elements than it has room for", () => {
    expect(withArray(48, 24, 1, 24)).toEqual([0n]);
    expect(withArray(48, 24, 0, 24)).toEqual([]);
  });

  it("of bytes is a view of the message, also of one that is itself a view", () => {
    const whole = new Uint8Array(100);
    const bytes = encodeMessage(RelayMessage, {
      destination: NAME,
      data: Uint8Array.of(7, 8, 9),
      driverObjects: { first: 0, count: 0 },
    });
    const shifted = whole.subarray(5, 5 + bytes.length);
    shifted.set(bytes);
    const data = decodeParams(RelayMessage, shifted, shifted.length, 24, 0)!.data;
    expect(data).toEqual(Uint8Array.of(7, 8, 9));
    expect(data.buffer).toBe(whole.buffer);
  });

  it("of features keeps words and bits nobody knows", () => {
    const words = [2n ** 64n - 1n, 0n, 5n];
    expect(decodeConnect(connect(words))?.features).toEqual(words);
  });
});

/** The range that a relay claims, decoded among two objects. */
function range(first: number, count: number) {
  const values = { destination: NAME, data: new Uint8Array(0), driverObjects: { first, count } };
  const bytes = encodeMessage(RelayMessage, values);
  return decodeParams(RelayMessage, bytes, bytes.length, 24, 2)?.driverObjects;
}

/** Not a message of the protocol: none has two ranges. */
const TwoRanges = {
  id: 200,
  v0: [
    ["one", "objectRange", "some objects"],
    ["other", "objectRange", "other objects"],
  ],
} as const satisfies MessageSchema;

/** Whether a message may claim both ranges, of three objects. */
function claim(one: ObjectRange, other: ObjectRange): boolean {
  const bytes = encodeMessage(TwoRanges, { one, other });
  return decodeParams(TwoRanges, bytes, bytes.length, 24, 3) !== null;
}

describe("a field", () => {
  const VALUES = {
    name: NAME,
    linkSide: 1,
    remoteNodeType: 0,
    remoteProtocolVersion: 7,
    transport: 0,
    memory: 1,
    remoteFeatures: [1n],
  } as const;
  const decodeWith = (numObjects: number, change: (bytes: Uint8Array) => void) => {
    const bytes = encodeMessage(AcceptIntroduction, VALUES);
    change(bytes);
    return decodeParams(AcceptIntroduction, bytes, bytes.length, 24, numObjects);
  };

  it("that names a side is 0 or 1", () => {
    expect(decodeWith(2, (bytes) => void (bytes[48] = 0))?.linkSide).toBe(0);
    expect(decodeWith(2, (bytes) => void (bytes[48] = 2))).toBeNull();
  });

  it("that names a type of node is 0 or 1", () => {
    expect(decodeWith(2, (bytes) => void (bytes[49] = 1))?.remoteNodeType).toBe(1);
    expect(decodeWith(2, (bytes) => void (bytes[49] = 255))).toBeNull();
  });

  it("may claim no object", () => {
    const none = decodeWith(0, (bytes) => bytes.fill(0xff, 56, 64));
    expect(none).toMatchObject({ transport: null, memory: null });
  });

  it("is refused when it claims an object that is not there", () => {
    expect(decodeWith(2, () => undefined)).not.toBeNull();
    expect(decodeWith(1, () => undefined)).toBeNull();
    expect(decodeWith(0, () => undefined)).toBeNull();
  });

  it("is refused when it claims an object that another claims", () => {
    expect(decodeWith(2, (bytes) => writeU32(bytes, 60, 0))).toBeNull();
  });

  it("need not claim all objects", () => {
    expect(decodeWith(9, () => undefined)).not.toBeNull();
  });

  it("that claims none may start anywhere among the objects, the end included", () => {
    expect(range(2, 0)).toEqual({ first: 2, count: 0 });
    expect(range(3, 0)).toBeUndefined();
    expect(range(1, 1)).toEqual({ first: 1, count: 1 });
    expect(range(1, 2)).toBeUndefined();
  });

  it("that claims none shares nothing, wherever it starts", () => {
    expect(claim({ first: 0, count: 3 }, { first: 1, count: 0 })).toBe(true);
    expect(claim({ first: 1, count: 0 }, { first: 0, count: 3 })).toBe(true);
    expect(claim({ first: 0, count: 1 }, { first: 1, count: 2 })).toBe(true);
    expect(claim({ first: 0, count: 2 }, { first: 1, count: 2 })).toBe(false);
    expect(claim({ first: 1, count: 1 }, { first: 0, count: 3 })).toBe(false);
  });

  it("with an id keeps its bit 63", () => {
    const bytes = encodeMessage(FlushRouter, { sublink: 0 as never });
    const sublink = (wire: bigint) => {
      writeU64Exact(bytes, 32, wire);
      return decodeParams(FlushRouter, bytes, bytes.length, 24, 0)?.sublink;
    };
    expect(sublink(2n ** 63n + 12n)).toBe(2 ** 52 + 12);
    expect(sublink(2n ** 52n - 1n)).toBe(2 ** 52 - 1);
    expect(sublink(2n ** 63n + 2n ** 52n - 1n)).toBe(2 ** 53 - 1);
    expect(sublink(2n ** 52n)).toBeUndefined();
    expect(sublink(2n ** 64n - 1n)).toBeUndefined();
  });

  it("with a name reads as text, high word first", () => {
    const bytes = encodeMessage(AcceptIntroduction, VALUES);
    expect(Buffer.from(bytes.subarray(32, 48)).toString("hex")).toBe(
      "efcdab89674523017766554433221100",
    );
    expect(decodeParams(AcceptIntroduction, bytes, bytes.length, 24, 2)?.name).toBe(NAME);
  });
});
