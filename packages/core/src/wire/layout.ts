/**
 * Field kinds, and where the fields of a declared struct lie.
 *
 * Structs are packed: fields follow one another, and every block is padded at its end to a multiple of 8. Padding
 * inside a block is declared like a field (spec: wire 0).
 */
import { roundUp8 } from "./bytes.ts";

/**
 * Bytes that a field of each kind takes.
 *
 * - `sequence`: a sequence number or length. `sublinkId`, `bufferId`: ids with bit 63 folded.
 * - `objectIndex`: a driver object of the message; `objectRange`: several, first and count.
 * - `flag(n)`: bit n of one byte. `flag(0)` takes no room of its own, `flag(1)` follows it and ends the byte.
 * - `array(x)`: the message offset of an array.
 * - `zero(n)`: n bytes that are written as zero and not looked at on receipt.
 */
export const FIELD_BYTES = {
  u8: 1,
  u16: 2,
  u32: 4,
  u64: 8,
  sequence: 8,
  sublinkId: 8,
  bufferId: 8,
  nodeName: 16,
  linkSide: 1,
  nodeType: 1,
  fragment: 16,
  objectIndex: 4,
  objectRange: 8,
  "flag(0)": 0,
  "flag(1)": 1,
  "array(u8)": 4,
  "array(handleType)": 4,
  "array(featureWord)": 4,
  "array(routerDescriptor)": 4,
  "zero(2)": 2,
  "zero(4)": 4,
  "zero(5)": 5,
  "zero(7)": 7,
  "zero(8)": 8,
} as const;

/** Bytes that one element of each kind of array takes (spec: wire 1.4). */
export const ELEMENT_BYTES = {
  "array(u8)": 1,
  "array(handleType)": 4,
  "array(featureWord)": 8,
  "array(routerDescriptor)": 96,
} as const;

/** Kinds of fields that a struct may declare. */
export type FieldKind = keyof typeof FIELD_BYTES;
/** Kinds that hold an offset to elements elsewhere in the message. */
export type ArrayKind = keyof typeof ELEMENT_BYTES;
/** Kinds that are written as zeros and hold nothing. */
export type ZeroKind = Extract<FieldKind, `zero(${number})`>;
/** Kinds whose value lies in the struct itself. */
export type ScalarKind = Exclude<FieldKind, ArrayKind | ZeroKind>;

/** One line of a declared struct; the description is from the sender's point of view. */
export type Field = readonly [name: string, kind: FieldKind, description: string];

/** A field and the offset of its first byte in the struct. */
export interface PlacedField {
  readonly name: string;
  readonly kind: FieldKind;
  readonly offset: number;
}

/** `fields` one after the other from `start`, and the padded end of the block they make. */
export function placeFields(
  fields: readonly Field[],
  start: number,
): { readonly placed: readonly PlacedField[]; readonly end: number } {
  const placed: PlacedField[] = [];
  let offset = start;
  for (const [name, kind] of fields) {
    placed.push({ name, kind, offset });
    offset += FIELD_BYTES[kind];
  }
  return { placed, end: roundUp8(offset) };
}

export function isArrayKind(kind: FieldKind): kind is ArrayKind {
  return kind in ELEMENT_BYTES;
}

export function isZeroKind(kind: FieldKind): kind is ZeroKind {
  return kind.startsWith("zero(");
}
