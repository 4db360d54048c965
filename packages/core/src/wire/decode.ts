/**
 * A schema becomes a reader that validates everything before it hands anything out (spec: wire 1.3 - 1.5).
 *
 * Null always means: reject the message. Nothing here throws, whatever the bytes are.
 */
import { readU32 } from "./bytes.ts";
import type { PlacedField } from "./layout.ts";
import { type Message, messageById } from "./messages.ts";
import { NO_OBJECT, NO_OBJECTS, readable, type ReadableField, readFields } from "./read-fields.ts";
import {
  blocksOf,
  type FieldValue,
  type MessageOf,
  type MessageSchema,
  type ObjectRange,
  STRUCT_HEADER_BYTES,
} from "./schema.ts";

/** A schema, compiled. */
interface MessageReader {
  readonly blocks: readonly { readonly fields: readonly ReadableField[]; readonly end: number }[];
  /** The fields that claim driver objects. */
  readonly claims: readonly PlacedField[];
  readonly check: Message["check"];
}

const readers = new WeakMap<MessageSchema, MessageReader>();

/**
 * The fields of the message in the first `numBytes` of `bytes`, whose header takes `headerSize` (decodeHeader) and
 * which carries `numObjects` driver objects. For a relayed message these are the objects of the outer one.
 */
export function decodeParams<S extends MessageSchema>(
  schema: S,
  bytes: Uint8Array,
  numBytes: number,
  headerSize: number,
  numObjects: number,
): MessageOf<S> | null {
  const reader = readerOf(schema);
  const structBytes = readStructBytes(bytes, numBytes, headerSize);
  if (structBytes < 0) return null;
  const values: Record<string, FieldValue> = {};
  let blockIndex = 0;
  for (const { fields, end } of reader.blocks) {
    if (end <= structBytes) {
      if (!readFields(fields, bytes, headerSize, numBytes, values)) return null;
    } else if (blockIndex === 0) {
      return null;
    } else {
      // A later version that the sender does not know: no features.
      for (const field of fields) values[field.name] = [];
    }
    blockIndex++;
  }
  if (!claimsAreSound(reader.claims, bytes, headerSize, numObjects)) return null;
  if (reader.check && !reader.check(values, numObjects)) return null;
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- each field was read by the reader of its kind
  return values as MessageOf<S>;
}

function readerOf(schema: MessageSchema): MessageReader {
  let reader = readers.get(schema);
  if (!reader) {
    reader = compile(schema);
    readers.set(schema, reader);
  }
  return reader;
}

function compile(schema: MessageSchema): MessageReader {
  const blocks = blocksOf(schema);
  const message = messageById(schema.id);
  return {
    blocks: blocks.map(({ fields, end }) => ({ fields: readable(fields), end })),
    // Only version 0 can claim objects: see LaterField.
    claims: blocks
      .slice(0, 1)
      .flatMap(({ fields }) => fields.filter(({ kind }) => kind.startsWith("object"))),
    check: message?.schema === schema ? message.check : undefined,
  };
}

/** The size that the parameter struct at `start` states; -1 when it cannot be. */
function readStructBytes(bytes: Uint8Array, numBytes: number, start: number): number {
  const room = numBytes - start;
  if (room < STRUCT_HEADER_BYTES) return -1;
  const structBytes = readU32(bytes, start);
  return structBytes > room || structBytes % 8 !== 0 ? -1 : structBytes;
}

/** Every object that is claimed exists, and is claimed once. Objects that nobody claims are allowed. */
function claimsAreSound(
  fields: readonly PlacedField[],
  bytes: Uint8Array,
  start: number,
  numObjects: number,
): boolean {
  const earlier: ObjectRange[] = [];
  for (const field of fields) {
    const claim = readClaim(field, bytes, start);
    if (claim.count > numObjects || claim.first > numObjects - claim.count) return false;
    if (claim.count === 0) continue;
    for (const other of earlier) if (overlaps(claim, other)) return false;
    earlier.push(claim);
  }
  return true;
}

function readClaim({ kind, offset }: PlacedField, bytes: Uint8Array, start: number): ObjectRange {
  const first = readU32(bytes, start + offset);
  if (kind === "objectRange") return { first, count: readU32(bytes, start + offset + 4) };
  return first === NO_OBJECT ? NO_OBJECTS : { first, count: 1 };
}

function overlaps(one: ObjectRange, other: ObjectRange): boolean {
  return one.first < other.first + other.count && other.first < one.first + one.count;
}
