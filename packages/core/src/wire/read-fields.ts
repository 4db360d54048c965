/**
 * How a field of each kind is read; write-fields.ts is the way back.
 *
 * A reader answers undefined for a value that no honest peer sends. Bounds of a scalar are those of its block, checked
 * before; an array checks its own.
 */
import { type FragmentDescriptor, NULL_FRAGMENT, type RouterDescriptor } from "./descriptors.ts";
import {
  readFoldedU64,
  readU16,
  readU32,
  readU64,
  readU64Exact,
  UNREPRESENTABLE,
} from "./bytes.ts";
import type { BufferId, LinkSide, NodeName, NodeType, SublinkId } from "./ids.ts";
import { ELEMENT_BYTES, type PlacedField, placeFields } from "./layout.ts";
import { RouterDescriptorFields } from "./router-descriptor.ts";
import { type FieldValue, type FieldValues, isValueKind, type ObjectRange } from "./schema.ts";

/** Reads one field of kind K at an offset of a message of `numBytes`. */
export type FieldReader<T> = (bytes: Uint8Array, at: number, numBytes: number) => T | undefined;

/** The object index that means none. */
export const NO_OBJECT = 0xffff_ffff;
/** What an object range says when there are no objects. */
export const NO_OBJECTS: ObjectRange = Object.freeze({ first: 0, count: 0 });

const NO_BYTES = new Uint8Array(0);
const NO_ELEMENTS: readonly never[] = Object.freeze([]);

/** One reader for each kind. */
export const FIELD_READERS: { readonly [K in keyof FieldValues]: FieldReader<FieldValues[K]> } = {
  u8: (bytes, at) => bytes[at]!,
  u16: readU16,
  u32: readU32,
  u64: readNumber,
  sequence: readNumber,
  sublinkId: readSublinkId,
  bufferId: readBufferId,
  nodeName: readNodeName,
  linkSide: (bytes, at) => readZeroOrOne(bytes, at) satisfies LinkSide | undefined,
  nodeType: (bytes, at) => readZeroOrOne(bytes, at) satisfies NodeType | undefined,
  fragment: readFragment,
  objectIndex: readObjectIndex,
  objectRange: readObjectRange,
  "flag(0)": (bytes, at) => (bytes[at]! & 1) !== 0,
  "flag(1)": (bytes, at) => (bytes[at]! & 2) !== 0,
  "array(u8)": readByteArray,
  "array(handleType)": readHandleTypes,
  "array(featureWord)": readFeatureWords,
  "array(routerDescriptor)": readRouterDescriptors,
};

function readNumber(bytes: Uint8Array, at: number): number | undefined {
  const value = readU64(bytes, at);
  return value === UNREPRESENTABLE ? undefined : value;
}

function readSublinkId(bytes: Uint8Array, at: number): SublinkId | undefined {
  const value = readFoldedU64(bytes, at);
  return value === UNREPRESENTABLE ? undefined : (value as SublinkId);
}

/** The id of all ones does not fit either: where it means "none", the fragment's reader looks first. */
function readBufferId(bytes: Uint8Array, at: number): BufferId | undefined {
  const value = readFoldedU64(bytes, at);
  return value === UNREPRESENTABLE ? undefined : (value as BufferId);
}

function readZeroOrOne(bytes: Uint8Array, at: number): 0 | 1 | undefined {
  const value = bytes[at];
  return value === 0 || value === 1 ? value : undefined;
}

/** A name from 16 bytes: two little-endian words, `high` first, as hex digits most significant first. */
export function readNodeName(bytes: Uint8Array, at: number): NodeName {
  return (hex8(readU32(bytes, at + 4)) +
    hex8(readU32(bytes, at)) +
    hex8(readU32(bytes, at + 12)) +
    hex8(readU32(bytes, at + 8))) as NodeName;
}

function hex8(word: number): string {
  return word.toString(16).padStart(8, "0");
}

/** A place in shared memory; whether it lies inside its buffer is known to whoever holds the buffer. */
export function readFragment(bytes: Uint8Array, at: number): FragmentDescriptor | undefined {
  if (readU32(bytes, at) === 0xffff_ffff && readU32(bytes, at + 4) === 0xffff_ffff)
    return NULL_FRAGMENT;
  const bufferId = readBufferId(bytes, at);
  if (bufferId === undefined) return undefined;
  return { bufferId, offset: readU32(bytes, at + 8), size: readU32(bytes, at + 12) };
}

function readObjectIndex(bytes: Uint8Array, at: number): number | null {
  const index = readU32(bytes, at);
  return index === NO_OBJECT ? null : index;
}

function readObjectRange(bytes: Uint8Array, at: number): ObjectRange {
  const first = readU32(bytes, at);
  const count = readU32(bytes, at + 4);
  return first === 0 && count === 0 ? NO_OBJECTS : { first, count };
}

/**
 * How many elements the array at `offset` has, or -1 when the array is not sound: it must lie inside the message,
 * and its elements inside the array. Its place need not be aligned, and may overlap anything (spec: wire 1.4).
 */
export function countElements(
  bytes: Uint8Array,
  offset: number,
  numBytes: number,
  elementBytes: number,
): number {
  if (offset === 0) return 0;
  const room = numBytes - offset;
  if (room < 8) return -1;
  const arrayBytes = readU32(bytes, offset);
  if (arrayBytes < 8 || arrayBytes > room) return -1;
  const count = readU32(bytes, offset + 4);
  return count <= Math.floor((arrayBytes - 8) / elementBytes) ? count : -1;
}

/** Borrowed: a view, no copy. */
export function readByteArray(
  bytes: Uint8Array,
  at: number,
  numBytes: number,
): Uint8Array | undefined {
  const offset = readU32(bytes, at);
  const count = countElements(bytes, offset, numBytes, ELEMENT_BYTES["array(u8)"]);
  if (count < 0) return undefined;
  if (count === 0) return NO_BYTES;
  return new Uint8Array(bytes.buffer, bytes.byteOffset + offset + 8, count);
}

function readHandleTypes(
  bytes: Uint8Array,
  at: number,
  numBytes: number,
): readonly number[] | undefined {
  const offset = readU32(bytes, at);
  const elementBytes = ELEMENT_BYTES["array(handleType)"];
  const count = countElements(bytes, offset, numBytes, elementBytes);
  if (count < 0) return undefined;
  if (count === 0) return NO_ELEMENTS;
  const types: number[] = [];
  for (let index = 0; index < count; index++)
    types.push(readU32(bytes, offset + 8 + index * elementBytes));
  return types;
}

function readFeatureWords(
  bytes: Uint8Array,
  at: number,
  numBytes: number,
): readonly bigint[] | undefined {
  const offset = readU32(bytes, at);
  const elementBytes = ELEMENT_BYTES["array(featureWord)"];
  const count = countElements(bytes, offset, numBytes, elementBytes);
  if (count < 0) return undefined;
  if (count === 0) return NO_ELEMENTS;
  const words: bigint[] = [];
  for (let index = 0; index < count; index++)
    words.push(readU64Exact(bytes, offset + 8 + index * elementBytes));
  return words;
}

function readRouterDescriptors(
  bytes: Uint8Array,
  at: number,
  numBytes: number,
): readonly RouterDescriptor[] | undefined {
  const offset = readU32(bytes, at);
  const elementBytes = ELEMENT_BYTES["array(routerDescriptor)"];
  const count = countElements(bytes, offset, numBytes, elementBytes);
  if (count < 0) return undefined;
  if (count === 0) return NO_ELEMENTS;
  const descriptors: RouterDescriptor[] = [];
  for (let index = 0; index < count; index++) {
    const descriptor: Record<string, FieldValue> = {};
    const start = offset + 8 + index * elementBytes;
    if (!readFields(ROUTER_DESCRIPTOR, bytes, start, numBytes, descriptor)) return undefined;
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the fields declare this type; a test compares
    descriptors.push(descriptor as unknown as RouterDescriptor);
  }
  return descriptors;
}

/** A placed field with its reader. */
export interface ReadableField extends PlacedField {
  readonly read: FieldReader<FieldValue>;
}

/** Those of `fields` that have a value, each with its reader. */
export function readable(fields: readonly PlacedField[]): readonly ReadableField[] {
  const found: ReadableField[] = [];
  for (const { name, kind, offset } of fields)
    if (isValueKind(kind)) found.push({ name, kind, offset, read: FIELD_READERS[kind] });
  return found;
}

/** Reads the fields of a struct at `start` into `target`; false as soon as one is not valid. */
export function readFields(
  fields: readonly ReadableField[],
  bytes: Uint8Array,
  start: number,
  numBytes: number,
  target: Record<string, FieldValue>,
): boolean {
  for (const field of fields) {
    const value = field.read(bytes, start + field.offset, numBytes);
    if (value === undefined) return false;
    target[field.name] = value;
  }
  return true;
}

const ROUTER_DESCRIPTOR = readable(placeFields(RouterDescriptorFields, 0).placed);
