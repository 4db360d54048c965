/**
 * Every recorded frame of the C library: decodes, says what was recorded, leaves no byte over, and re-encodes to the
 * same bytes.
 */
import { describe, expect, it } from "vitest";
import { writeAcceptParcel } from "../../src/wire/accept-parcel.ts";
import { decodeParams } from "../../src/wire/decode.ts";
import { describe as describeMessage } from "../../src/wire/describe.ts";
import { type FragmentDescriptor, type RouterDescriptor } from "../../src/wire/descriptors.ts";
import { appendDriverObjects, decodeDriverObjects } from "../../src/wire/driver-objects.ts";
import { encodeMessage } from "../../src/wire/encode.ts";
import { decodeHeader, sequenceNumberOf, setSequenceNumber } from "../../src/wire/header.ts";
import { NO_BUFFER, type NodeName } from "../../src/wire/ids.ts";
import { type Message, messageById, MESSAGES } from "../../src/wire/messages.ts";
import { AcceptParcel } from "../../src/wire/messages/parcel.ts";
import {
  type FieldValue,
  type FieldValues,
  isValueKind,
  type ValueKind,
} from "../../src/wire/schema.ts";
import { unaccounted } from "./account.ts";
import { type CapturedDecoding, type CapturedFrame, CAPTURES, messageOf } from "./captures.ts";
import { readByHand } from "./read-by-hand.ts";

for (const { scenario, frames } of CAPTURES)
  describe(`the C library's traffic: ${scenario}`, () => {
    for (const frame of frames) {
      const title = `frame ${frame.seq}, ${frame.decoded.message}`;

      it(`says what was recorded (${title})`, () => {
        const { said, recorded } = compare(decode(messageOf(frame), frame.numFds), frame.decoded);
        expect(said).toEqual(recorded);
      });

      it(`has no byte without a purpose (${title})`, () => {
        const bytes = messageOf(frame);
        expect(unaccounted(decode(bytes, frame.numFds).row.schema, bytes)).toEqual([]);
      });

      it(`re-encodes to the same bytes (${title})`, () => {
        const bytes = messageOf(frame);
        expect(hex(encode(bytes, frame.numFds))).toBe(hex(bytes));
      });

      if (frame.decoded.innerMessage) itRelays(frame, frame.decoded.innerMessage, title);
      if (frame.messageId === AcceptParcel.id) itIsTheSameByHand(frame, title);
    }
  });

function itRelays(frame: CapturedFrame, decoding: CapturedDecoding, title: string): void {
  it(`carries a message that decodes and re-encodes (${title})`, () => {
    const outer = decode(messageOf(frame), frame.numFds);
    const data = outer.values["data"];
    if (!(data instanceof Uint8Array)) throw new Error("a relay has data");
    const inner = decode(data, 0, outer.numObjects);
    const { said, recorded } = compare(inner, decoding);
    expect(said).toEqual(recorded);
    expect(unaccounted(inner.row.schema, Uint8Array.from(data))).toEqual([]);
    expect(hex(encodeMessage(inner.row.schema, inner.values))).toBe(hex(data));
  });
}

function itIsTheSameByHand(frame: CapturedFrame, title: string): void {
  it(`is read and written by hand as by its schema (${title})`, () => {
    const bytes = messageOf(frame);
    const { numObjects } = decode(bytes, frame.numFds);
    const bySchema = decodeParams(AcceptParcel, bytes, bytes.length, 24, numObjects);
    const isPlain = bySchema?.handleTypes.length === 0 && bySchema.numSubparcels === 1;
    const byHand = readByHand(bytes);
    expect(byHand).toEqual(isPlain ? bySchema : null);
    if (!byHand) return;
    const { sublink, sequenceNumber, subparcelIndex, numSubparcels, parcelFragment } = byHand;
    const target = new Uint8Array(bytes.length + 8).fill(0xee);
    const numBytes = writeAcceptParcel(
      target,
      sublink,
      sequenceNumber,
      subparcelIndex,
      numSubparcels,
      parcelFragment,
      byHand.parcelData.length,
    );
    target.set(byHand.parcelData, 104);
    setSequenceNumber(target, Number(sequenceNumberOf(bytes)));
    expect(hex(target.subarray(0, numBytes))).toBe(hex(bytes));
  });
}

describe("the recorded traffic", () => {
  it("shows every message of the protocol, embedded ones included", () => {
    const seen = new Set<string>();
    for (const { frames } of CAPTURES)
      for (const { decoded } of frames) {
        seen.add(decoded.message);
        if (decoded.innerMessage) seen.add(decoded.innerMessage.message);
      }
    expect([...seen].toSorted()).toEqual(MESSAGES.map(({ name }) => name).toSorted());
  });

  it("is described without a fault", () => {
    const lines = CAPTURES.flatMap(({ frames }) =>
      frames.map((frame) => describeMessage(messageOf(frame))),
    );
    expect(lines.filter((line) => /invalid|unknown/.test(line))).toEqual([]);
    expect(lines.length).toBeGreaterThan(270);
  });
});

interface Decoded {
  readonly row: Message;
  readonly values: Readonly<Record<string, FieldValue>>;
  readonly numObjects: number;
  readonly sequenceNumber: bigint;
}

/** For an embedded message, `outerObjects` are those of the message around it. */
function decode(bytes: Uint8Array, numHandles: number, outerObjects?: number): Decoded {
  const header = decodeHeader(bytes, bytes.length);
  const row = header && messageById(header.messageId);
  const objects = header && decodeDriverObjects(bytes, bytes.length, header, numHandles);
  if (!header || !row || !objects) throw new Error("not a message of the protocol");
  expect(objects).not.toContain(null);
  const numObjects = outerObjects ?? objects.length;
  const values = decodeParams(row.schema, bytes, bytes.length, header.size, numObjects);
  if (!values) throw new Error(`${row.name} does not decode`);
  return { row, values, numObjects, sequenceNumber: sequenceNumberOf(bytes) };
}

function encode(bytes: Uint8Array, numHandles: number): Uint8Array {
  const { row, values, sequenceNumber } = decode(bytes, numHandles);
  const header = decodeHeader(bytes, bytes.length)!;
  const objects = decodeDriverObjects(bytes, bytes.length, header, numHandles)!.map((span) => ({
    data: bytes.slice(span!.dataOffset, span!.dataOffset + span!.dataLength),
    numHandles: span!.numHandles,
  }));
  const message = appendDriverObjects(encodeMessage(row.schema, values), objects);
  setSequenceNumber(message, Number(sequenceNumber));
  return message;
}

/** What the message says, and what was recorded, in the same words. */
function compare({ row, values, sequenceNumber }: Decoded, decoding: CapturedDecoding) {
  const expected: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(decoding.params))
    if (name !== "padding" && name !== "reserved0") expected[camelCase(name)] = value;
  const actual: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(values)) {
    const kind = [...row.schema.v0, ...(row.schema.v1 ?? [])].find(
      (field) => field[0] === name,
    )![1];
    if (isValueKind(kind)) actual[name] = asRecorded(kind, value, expected[name]);
  }
  return {
    said: [row.name, String(sequenceNumber), actual],
    recorded: [decoding.message, decoding.nodeSequenceNumber, expected],
  };
}

function camelCase(name: string): string {
  return name.replaceAll(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
}

/** A value as the recording writes it: 64 bits as decimal strings, names as the hex of their bytes. */
function asRecorded(kind: ValueKind, value: FieldValue, expected: unknown): unknown {
  return (RECORDED[kind] as Recorded<FieldValue>)(value, expected);
}

type Recorded<T> = (value: T, expected: unknown) => unknown;

function asItIs(value: unknown): unknown {
  return value;
}

const RECORDED: { readonly [K in ValueKind]: Recorded<FieldValues[K]> } = {
  u8: asItIs,
  u16: asItIs,
  u32: asItIs,
  u64: unfold,
  sequence: unfold,
  sublinkId: unfold,
  bufferId: unfold,
  nodeName: wireName,
  linkSide: asItIs,
  nodeType: asItIs,
  fragment: recordedFragment,
  objectIndex: asItIs,
  objectRange: asItIs,
  "flag(0)": asItIs,
  "flag(1)": asItIs,
  "array(u8)": recordedBytes,
  "array(handleType)": asItIs,
  "array(featureWord)": (words) => words.map(String),
  "array(routerDescriptor)": (descriptors) => descriptors.map(recordedRouter),
};

function unfold(id: number): string {
  const high = 2 ** 52;
  return String(id >= high ? BigInt(id - high) + (1n << 63n) : BigInt(id));
}

/** "high" and "low" are little-endian on the wire. */
function wireName(name: NodeName): string {
  const bytes = Buffer.from(name, "hex");
  bytes.swap64();
  return bytes.toString("hex");
}

function recordedFragment({ bufferId, offset, size }: FragmentDescriptor): unknown {
  return bufferId === NO_BUFFER ? null : { bufferId: unfold(bufferId), offset, size };
}

/** The recording keeps the length and the first bytes. */
function recordedBytes(data: Uint8Array, expected: unknown): unknown {
  if (data.length === 0) return null;
  const headBytes = (expected as { headHex?: string } | null)?.headHex?.length ?? 0;
  return { length: data.length, headHex: hex(data).slice(0, Math.max(headBytes, 2)) };
}

function recordedRouter(descriptor: RouterDescriptor): unknown {
  return {
    closed_len: unfold(descriptor.closedPeerSequenceLength),
    new_sublink: unfold(descriptor.newSublink),
    frag: recordedFragment(descriptor.newLinkStateFragment),
    decay_sublink: unfold(descriptor.newDecayingSublink),
    next_out: unfold(descriptor.nextOutgoingSequenceNumber),
    next_in: unfold(descriptor.nextIncomingSequenceNumber),
    decay_in_len: unfold(descriptor.decayingIncomingSequenceLength),
    peer_closed: Number(descriptor.peerClosed),
    bypassed: Number(descriptor.proxyAlreadyBypassed),
    proxy_peer: wireName(descriptor.proxyPeerNodeName),
    proxy_sublink: unfold(descriptor.proxyPeerSublink),
  };
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex");
}
