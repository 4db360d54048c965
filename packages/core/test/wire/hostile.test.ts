/**
 * Hostile messages, generated from the schemas: each field absent, zero, all ones, at its bound and one past it, objects
 * claimed twice, messages cut anywhere, bytes changed at random. Decoding answers null or values, and never throws.
 */
import { isDeepStrictEqual } from "node:util";
import { describe, expect, it } from "vitest";
import { Limits } from "../../src/base/limits.ts";
import { writeFoldedU64, writeU32, writeU64Exact } from "../../src/wire/bytes.ts";
import { decodeParams } from "../../src/wire/decode.ts";
import { describe as describeMessage } from "../../src/wire/describe.ts";
import { decodeDriverObjects } from "../../src/wire/driver-objects.ts";
import { encodeMessage } from "../../src/wire/encode.ts";
import { decodeHeader, HEADER_BYTES } from "../../src/wire/header.ts";
import { FIELD_BYTES, isArrayKind, type PlacedField } from "../../src/wire/layout.ts";
import { messageById, MESSAGES } from "../../src/wire/messages.ts";
import { blocksOf, type MessageOf, type MessageSchema } from "../../src/wire/schema.ts";
import { CAPTURES, messageOf } from "./captures.ts";
import { Random } from "./random.ts";
import { readByHand } from "./read-by-hand.ts";
import { type Sample, sample, sampleBytes } from "./samples.ts";

const SEED = 20_240_401;
const SAMPLES = 40;

/** Decodes whatever it is, as a receiver does; nothing may throw. */
function receive(bytes: Uint8Array, numHandles: number): MessageOf<MessageSchema> | null {
  describeMessage(bytes);
  const header = decodeHeader(bytes, bytes.length);
  if (!header) return null;
  const objects = decodeDriverObjects(bytes, bytes.length, header, numHandles);
  const row = messageById(header.messageId);
  if (!objects || !row) return null;
  const values = decodeParams(row.schema, bytes, bytes.length, header.size, objects.length);
  const byHand = readByHand(bytes);
  if (byHand) expect(byHand).toEqual(values);
  return objects.includes(null) ? null : values;
}

/** What becomes of a message. "sound": accepted, and something that we could have sent. */
function outcome(
  schema: MessageSchema,
  bytes: Uint8Array,
  numHandles: number,
): "refused" | "sound" | "unsound" {
  const values = receive(bytes, numHandles);
  const header = decodeHeader(bytes, bytes.length);
  const objects = header && decodeDriverObjects(bytes, bytes.length, header, numHandles);
  if (!values || !objects) return "refused";
  const again = encodeMessage(schema, values);
  const twice = decodeParams(schema, again, again.length, HEADER_BYTES, objects.length);
  return isDeepStrictEqual(twice, values) ? "sound" : "unsound";
}

function fieldsOf(schema: MessageSchema): readonly PlacedField[] {
  return blocksOf(schema).flatMap(({ fields }) => fields);
}

function samplesOf(schema: MessageSchema, random: Random): { made: Sample; bytes: Uint8Array }[] {
  return Array.from({ length: SAMPLES }, () => {
    const made = sample(schema, random);
    return { made, bytes: sampleBytes(schema, made) };
  });
}

/** What the bytes of one field become, and whether that must be refused. */
interface Spoiling {
  readonly what: string;
  readonly refused: boolean;
  readonly spoil: (bytes: Uint8Array, at: number, made: Sample) => void;
}

const fill = (value: number, field: PlacedField) => (bytes: Uint8Array, at: number) => {
  bytes.fill(value, at, at + FIELD_BYTES[field.kind]);
};

/** How a field can be spoilt, by its kind. */
function spoilings(field: PlacedField): readonly Spoiling[] {
  const all: Spoiling[] = [
    { what: "zero", refused: false, spoil: fill(0, field) },
    { what: "all ones", refused: false, spoil: fill(0xff, field) },
    { what: "one", refused: false, spoil: (bytes, at) => void (bytes[at] = 1) },
  ];
  const { kind } = field;
  if (kind === "u64" || kind === "sequence")
    for (const past of [BigInt(Limits.wireIntegerMax) + 1n, 2n ** 53n, 2n ** 63n, 2n ** 64n - 1n])
      all.push({
        what: `${past}`,
        refused: true,
        spoil: (bytes, at) => writeU64Exact(bytes, at, past),
      });
  if (kind === "sublinkId" || kind === "bufferId" || kind === "fragment")
    for (const past of [2n ** 52n, 2n ** 62n, 2n ** 63n + 2n ** 52n, 2n ** 64n - 2n])
      all.push({
        what: `${past}`,
        refused: true,
        spoil: (bytes, at) => writeU64Exact(bytes, at, past),
      });
  if (kind === "sublinkId")
    all.push({
      what: "the greatest id",
      refused: false,
      spoil: (bytes, at) => writeFoldedU64(bytes, at, 2 ** 53 - 1),
    });
  if (kind === "linkSide" || kind === "nodeType")
    all.push({ what: "2", refused: true, spoil: (bytes, at) => void (bytes[at] = 2) });
  if (kind === "objectIndex")
    all.push({
      what: "one past the objects",
      refused: true,
      spoil: (bytes, at, { numObjects }) => writeU32(bytes, at, numObjects),
    });
  if (kind === "objectRange")
    all.push(
      {
        what: "one object too many",
        refused: true,
        spoil: (bytes, at, { numObjects }) => {
          writeU32(bytes, at, 0);
          writeU32(bytes, at + 4, numObjects + 1);
        },
      },
      {
        what: "none, from past the objects",
        refused: true,
        spoil: (bytes, at, { numObjects }) => {
          writeU32(bytes, at, numObjects + 1);
          writeU32(bytes, at + 4, 0);
        },
      },
      {
        what: "a count that wraps around",
        refused: true,
        spoil: (bytes, at) => {
          writeU32(bytes, at, 1);
          writeU32(bytes, at + 4, 0xffff_ffff);
        },
      },
    );
  if (isArrayKind(kind))
    for (const [what, distance] of [
      ["at the end", 0],
      ["one byte before the end", 1],
      ["seven bytes before the end", 7],
      ["past the end", -1],
    ] as const)
      all.push({
        what: `an array ${what}`,
        refused: true,
        spoil: (bytes, at) => writeU32(bytes, at, bytes.length - distance),
      });
  return all;
}

for (const { id, name, schema } of MESSAGES)
  describe(`a hostile ${name}`, () => {
    it("is valid before it is spoilt", () => {
      for (const { made, bytes } of samplesOf(schema, new Random(SEED + id)))
        expect(receive(bytes, made.numObjects)).toEqual(made.values);
    });

    for (const field of fieldsOf(schema))
      for (const { what, refused, spoil } of spoilings(field))
        it(`${refused ? "is refused" : "does no harm"} with ${field.name} = ${what}`, () => {
          for (const { made, bytes } of samplesOf(schema, new Random(SEED + id))) {
            spoil(bytes, HEADER_BYTES + field.offset, made);
            expect(refused ? ["refused"] : ["refused", "sound"]).toContain(
              outcome(schema, bytes, made.numObjects),
            );
          }
        });

    it("is the same whatever its padding holds", () => {
      for (const { made, bytes } of samplesOf(schema, new Random(SEED + id))) {
        for (const { kind, offset } of fieldsOf(schema))
          if (kind.startsWith("zero(")) {
            const at = HEADER_BYTES + offset;
            bytes.fill(0xff, at, at + FIELD_BYTES[kind]);
          }
        expect(receive(bytes, made.numObjects)).toEqual(made.values);
      }
    });

    it("is refused wherever it is cut", () => {
      const random = new Random(SEED + id);
      for (const made of [sample(schema, random), sample(schema, random)]) {
        const bytes = sampleBytes(schema, made);
        for (let length = 0; length < bytes.length; length++)
          expect(receive(bytes.slice(0, length), made.numObjects)).toBeNull();
      }
    });

    it("does no harm when its bytes change at random", () => {
      const random = new Random(SEED + id);
      for (let round = 0; round < 400; round++) {
        const made = sample(schema, random);
        const bytes = sampleBytes(schema, made);
        for (let change = random.below(4); change >= 0; change--)
          bytes[2 + random.below(bytes.length - 2)] = random.pick([0, 1, 2, 0x7f, 0x80, 0xff]);
        bytes[2] = id;
        expect(["refused", "sound"]).toContain(outcome(schema, bytes, made.numObjects));
      }
    });
  });

describe("an object that two fields claim", () => {
  for (const { name, schema } of MESSAGES) {
    const claims = fieldsOf(schema).filter(({ kind }) => kind === "objectIndex");
    for (const [index, field] of claims.entries())
      for (const other of claims.slice(index + 1))
        it(`makes ${name} invalid (${field.name} and ${other.name})`, () => {
          const made = sample(schema, new Random(SEED));
          const bytes = sampleBytes(schema, { ...made, numObjects: 3 });
          for (const [place, { offset }] of claims.entries())
            writeU32(bytes, HEADER_BYTES + offset, place);
          expect(receive(bytes, 3)).not.toBeNull();
          writeU32(bytes, HEADER_BYTES + field.offset, 2);
          writeU32(bytes, HEADER_BYTES + other.offset, 2);
          expect(receive(bytes, 3)).toBeNull();
        });
  }
});

describe("noise", () => {
  it(`does no harm, whatever its length (seed ${SEED})`, () => {
    const random = new Random(SEED);
    for (let round = 0; round < 4000; round++) {
      const bytes = random.bytes(random.below(160));
      if (bytes.length >= 3 && random.flip()) bytes.set([24, 0, random.pick(MESSAGES).id]);
      expect(() => receive(bytes, random.below(4))).not.toThrow();
    }
  });

  it(`does no harm in recorded messages (seed ${SEED})`, () => {
    const random = new Random(SEED);
    const frames = CAPTURES.flatMap((capture) => capture.frames);
    for (let round = 0; round < 4000; round++) {
      const frame = random.pick(frames);
      if (frame.bytesHex.length > 4000) continue;
      const bytes = messageOf(frame);
      for (let change = random.below(3); change >= 0; change--)
        bytes[random.below(bytes.length)] = random.below(256);
      expect(() => receive(bytes, frame.numFds)).not.toThrow();
    }
  });
});
