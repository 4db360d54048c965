/**
 * A schema becomes a writer. Arrays follow the struct in the order of their fields, each at a multiple of 8; an array
 * without elements takes no room (spec: wire 1.1 and 1.4).
 */
import { assert } from "../base/assert.ts";
import { roundUp8, writeU32 } from "./bytes.ts";
import { HEADER_BYTES, writeHeader } from "./header.ts";
import { type ArrayKind, ELEMENT_BYTES, isArrayKind } from "./layout.ts";
import {
  blocksOf,
  type FieldValue,
  type FieldValues,
  fixedBytesOf,
  type MessageOf,
  type MessageSchema,
} from "./schema.ts";
import {
  type FieldWriter,
  type WritableField,
  writableScalars,
  writeScalars,
  writerOf,
} from "./write-fields.ts";

/** Offsets and sizes inside a message are 32-bit numbers. */
export const MESSAGE_BYTES_MAX: number = 2 ** 32 - 8;

/** A schema, compiled. */
interface MessageWriter {
  readonly scalars: readonly WritableField[];
  readonly arrays: readonly ArrayField[];
  readonly fixedBytes: number;
}

interface ArrayField {
  readonly name: string;
  readonly offset: number;
  readonly elementBytes: number;
  readonly write: FieldWriter<FieldValue>;
}

const writers = new WeakMap<MessageSchema, MessageWriter>();

/**
 * A message with all versions of its struct, sequence number 0 and no driver objects: setSequenceNumber and
 * appendDriverObjects do the rest. The bytes are the caller's.
 */
export function encodeMessage<S extends MessageSchema>(
  schema: S,
  values: MessageOf<S>,
): Uint8Array {
  return encode(writerOfSchema(schema), schema.id, values);
}

function encode(
  writer: MessageWriter,
  messageId: number,
  values: Readonly<Record<string, FieldValue>>,
): Uint8Array {
  let numBytes = writer.fixedBytes;
  for (const field of writer.arrays) numBytes += arrayBytes(field, values);
  assert(numBytes <= MESSAGE_BYTES_MAX, "a message we send has 32-bit offsets");
  const message = new Uint8Array(numBytes);
  writeHeader(message, messageId);
  writeU32(message, HEADER_BYTES, writer.fixedBytes - HEADER_BYTES);
  writeScalars(writer.scalars, message, HEADER_BYTES, values);
  let end = writer.fixedBytes;
  for (const field of writer.arrays) {
    const elements = elementsOf(field, values);
    if (elements.length === 0) continue;
    const bytes = arrayBytes(field, values);
    writeU32(message, HEADER_BYTES + field.offset, end);
    writeU32(message, end, bytes);
    writeU32(message, end + 4, elements.length);
    field.write(message, end + 8, elements);
    end += bytes;
  }
  return message;
}

function elementsOf(
  field: ArrayField,
  values: Readonly<Record<string, FieldValue>>,
): FieldValues[ArrayKind] {
  const value = values[field.name];
  assert(isElements(value), "a message to send has all its arrays");
  return value;
}

function isElements(value: FieldValue | undefined): value is FieldValues[ArrayKind] {
  return Array.isArray(value) || value instanceof Uint8Array;
}

/** Bytes of a whole array: its header, its elements, padding. */
function arrayBytes(field: ArrayField, values: Readonly<Record<string, FieldValue>>): number {
  const count = elementsOf(field, values).length;
  return count === 0 ? 0 : roundUp8(8 + count * field.elementBytes);
}

function writerOfSchema(schema: MessageSchema): MessageWriter {
  let writer = writers.get(schema);
  if (!writer) {
    writer = compile(schema);
    writers.set(schema, writer);
  }
  return writer;
}

function compile(schema: MessageSchema): MessageWriter {
  const fields = blocksOf(schema).flatMap((block) => block.fields);
  const arrays: ArrayField[] = [];
  for (const { name, kind, offset } of fields)
    if (isArrayKind(kind))
      arrays.push({ name, offset, elementBytes: ELEMENT_BYTES[kind], write: writerOf(kind) });
  return { scalars: writableScalars(fields), arrays, fixedBytes: fixedBytesOf(schema) };
}
