/**
 * How a field of each kind is written; read-fields.ts is the way back. The target is zero before.
 */
import { assert } from "../base/assert.ts";
import { writeFoldedU64, writeU16, writeU32, writeU64, writeU64Exact } from "./bytes.ts";
import type { FragmentDescriptor, RouterDescriptor } from "./descriptors.ts";
import { NO_BUFFER, type NodeName } from "./ids.ts";
import {
  type ArrayKind,
  ELEMENT_BYTES,
  isArrayKind,
  isZeroKind,
  type PlacedField,
  placeFields,
  type ScalarKind,
} from "./layout.ts";
import { NO_OBJECT } from "./read-fields.ts";
import { RouterDescriptorFields } from "./router-descriptor.ts";
import type { FieldValue, FieldValues, ObjectRange, StructOf } from "./schema.ts";

/** Writes one value at an offset of a message. For an array: its elements, one after the other. */
export type FieldWriter<T> = (bytes: Uint8Array, at: number, value: T) => void;

/** One writer for each kind. */
export const FIELD_WRITERS: { readonly [K in keyof FieldValues]: FieldWriter<FieldValues[K]> } = {
  u8: writeU8,
  u16: writeU16,
  u32: writeU32,
  u64: writeU64,
  sequence: writeU64,
  sublinkId: writeFoldedU64,
  bufferId: writeFoldedU64,
  nodeName: writeNodeName,
  linkSide: writeU8,
  nodeType: writeU8,
  fragment: writeFragment,
  objectIndex: (bytes, at, index) => writeU32(bytes, at, index ?? NO_OBJECT),
  objectRange: writeObjectRange,
  "flag(0)": (bytes, at, isSet) => writeFlag(bytes, at, 1, isSet),
  "flag(1)": (bytes, at, isSet) => writeFlag(bytes, at, 2, isSet),
  "array(u8)": (bytes, at, elements) => bytes.set(elements, at),
  "array(handleType)": writeHandleTypes,
  "array(featureWord)": writeFeatureWords,
  "array(routerDescriptor)": writeRouterDescriptors,
};

function writeU8(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value;
}

function writeFlag(bytes: Uint8Array, at: number, bit: number, isSet: boolean): void {
  if (isSet) bytes[at] = bytes[at]! | bit;
}

/** The 16 bytes of a name: two little-endian words, `high` first. */
export function writeNodeName(bytes: Uint8Array, at: number, name: NodeName): void {
  writeU32(bytes, at + 4, Number.parseInt(name.slice(0, 8), 16));
  writeU32(bytes, at, Number.parseInt(name.slice(8, 16), 16));
  writeU32(bytes, at + 12, Number.parseInt(name.slice(16, 24), 16));
  writeU32(bytes, at + 8, Number.parseInt(name.slice(24), 16));
}

/** Null is an id of all ones, with offset and size zero. */
export function writeFragment(bytes: Uint8Array, at: number, fragment: FragmentDescriptor): void {
  const isNull = fragment.bufferId === NO_BUFFER;
  if (isNull) {
    writeU32(bytes, at, 0xffff_ffff);
    writeU32(bytes, at + 4, 0xffff_ffff);
  } else writeFoldedU64(bytes, at, fragment.bufferId);
  writeU32(bytes, at + 8, isNull ? 0 : fragment.offset);
  writeU32(bytes, at + 12, isNull ? 0 : fragment.size);
}

function writeObjectRange(bytes: Uint8Array, at: number, range: ObjectRange): void {
  writeU32(bytes, at, range.first);
  writeU32(bytes, at + 4, range.count);
}

function writeHandleTypes(bytes: Uint8Array, start: number, types: readonly number[]): void {
  let at = start;
  for (const type of types) {
    writeU32(bytes, at, type);
    at += ELEMENT_BYTES["array(handleType)"];
  }
}

function writeFeatureWords(bytes: Uint8Array, start: number, words: readonly bigint[]): void {
  let at = start;
  for (const word of words) {
    writeU64Exact(bytes, at, word);
    at += ELEMENT_BYTES["array(featureWord)"];
  }
}

function writeRouterDescriptors(
  bytes: Uint8Array,
  start: number,
  descriptors: readonly RouterDescriptor[],
): void {
  let at = start;
  for (const descriptor of descriptors) {
    const values: StructOf<typeof RouterDescriptorFields> = descriptor;
    writeScalars(ROUTER_DESCRIPTOR, bytes, at, values);
    at += ELEMENT_BYTES["array(routerDescriptor)"];
  }
}

/** A placed field with its writer. */
export interface WritableField extends PlacedField {
  readonly write: FieldWriter<FieldValue>;
}

/** Those of `fields` whose value lies in the struct itself, each with its writer. */
export function writableScalars(fields: readonly PlacedField[]): readonly WritableField[] {
  const found: WritableField[] = [];
  for (const { name, kind, offset } of fields)
    if (!isZeroKind(kind) && !isArrayKind(kind))
      found.push({ name, kind, offset, write: writerOf(kind) });
  return found;
}

/** The writer of a kind, for a value that is of that kind because StructOf and MessageOf say so. */
export function writerOf(kind: ScalarKind | ArrayKind): FieldWriter<FieldValue> {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- kind and value come from one declaration
  return FIELD_WRITERS[kind] as FieldWriter<FieldValue>;
}

/** Writes what lies in the struct at `start` itself. */
export function writeScalars(
  fields: readonly WritableField[],
  bytes: Uint8Array,
  start: number,
  values: Readonly<Record<string, FieldValue>>,
): void {
  for (const field of fields) {
    const value = values[field.name];
    assert(value !== undefined, "a message to send has all its fields");
    field.write(bytes, start + field.offset, value);
  }
}

const ROUTER_DESCRIPTOR = writableScalars(placeFields(RouterDescriptorFields, 0).placed);
