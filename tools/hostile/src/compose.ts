/**
 * Messages written byte by byte from the schemas, with any value in any field: what core's own writer would refuse too.
 *
 * What comes out remembers where its fields and arrays lie, so that they can be spoilt afterwards.
 */
import {
  blocksOf,
  ELEMENT_BYTES,
  FIELD_BYTES,
  type Field,
  fixedBytesOf,
  HEADER_BYTES,
  type Message,
  type PlacedField,
  RouterDescriptorFields,
} from "@ipcz/core/wire";

/** One array of a message; `at` is where its header lies. */
export interface PlacedArray {
  readonly at: number;
  readonly elementBytes: number;
}

/** A message, where its parts lie, and what goes with it. */
export interface Composed {
  readonly id: number;
  bytes: Uint8Array;
  /** Fields at offsets from the start of the message. */
  readonly fields: readonly PlacedField[];
  readonly arrays: readonly PlacedArray[];
  /** Ends of the version blocks, from the start of the message. */
  readonly ends: readonly number[];
  /** Where the DriverObjectData array lies; 0: there is none. */
  readonly objectsAt: number;
  readonly objects: readonly ObjectKind[];
}

/** A driver object to be made when the message is sent; a number is memory of so many bytes. */
export type ObjectKind = "transport" | number;

/** Writes a scalar field at `at`. */
export type WriteField = (view: DataView, at: number, field: PlacedField) => void;

/** The elements of an array field. */
export type ElementsOf = (field: PlacedField) => { bytes: Uint8Array; count: number };

const layouts = new Map<number, { fields: PlacedField[]; ends: number[]; fixed: number }>();

function layoutOf(message: Message): { fields: PlacedField[]; ends: number[]; fixed: number } {
  let layout = layouts.get(message.id);
  if (layout) return layout;
  const blocks = blocksOf(message.schema);
  const placed = blocks.flatMap((block) => [...block.fields]);
  const fields = placed
    .filter(({ kind }) => !kind.startsWith("zero("))
    .map(({ name, kind, offset }) => ({ name, kind, offset: offset + HEADER_BYTES }));
  const ends = blocks.map((block) => block.end + HEADER_BYTES);
  layout = { fields, ends, fixed: fixedBytesOf(message.schema) };
  layouts.set(message.id, layout);
  return layout;
}

/** The kinds of fields that name elements elsewhere, and the bytes of one element. */
export const ARRAY_ELEMENT_BYTES: Readonly<Record<string, number>> = ELEMENT_BYTES;

function roundUp8(value: number): number {
  return Math.ceil(value / 8) * 8;
}

function append(parts: Uint8Array[], end: number, bytes: Uint8Array, count: number): number {
  const size = roundUp8(8 + bytes.length);
  const array = new Uint8Array(size);
  const view = new DataView(array.buffer);
  view.setUint32(0, size, true);
  view.setUint32(4, count, true);
  array.set(bytes, 8);
  parts.push(array);
  return end + size;
}

/** The array that tells which handles make which object: one each. */
function objectElements(count: number): Uint8Array {
  const bytes = new Uint8Array(count * 8);
  const view = new DataView(bytes.buffer);
  for (let i = 0; i < count; i++) {
    view.setUint16(i * 8 + 4, i, true);
    view.setUint16(i * 8 + 6, 1, true);
  }
  return bytes;
}

function concat(parts: readonly Uint8Array[], length: number): Uint8Array {
  const all = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

/** A message whose fields `write` and `elements` choose. */
export function compose(
  message: Message,
  write: WriteField,
  elements: ElementsOf,
  objects: readonly ObjectKind[],
): Composed {
  const { fields, ends, fixed } = layoutOf(message);
  const head = new Uint8Array(fixed);
  const view = new DataView(head.buffer);
  head[0] = HEADER_BYTES;
  head[2] = message.id;
  view.setUint32(HEADER_BYTES, fixed - HEADER_BYTES, true);
  const parts = [head];
  const arrays: PlacedArray[] = [];
  let end = fixed;
  for (const field of fields) {
    const elementBytes = ARRAY_ELEMENT_BYTES[field.kind];
    if (elementBytes === undefined) {
      write(view, field.offset, field);
      continue;
    }
    const { bytes, count } = elements(field);
    if (count === 0) continue;
    view.setUint32(field.offset, end, true);
    arrays.push({ at: end, elementBytes });
    end = append(parts, end, bytes, count);
  }
  const objectsAt = objects.length === 0 ? 0 : end;
  if (objects.length > 0) {
    view.setUint32(16, end, true);
    arrays.push({ at: end, elementBytes: 8 });
    end = append(parts, end, objectElements(objects.length), objects.length);
  }
  const bytes = concat(parts, end);
  return { id: message.id, bytes, fields, arrays, ends, objectsAt, objects };
}

function place(fields: readonly Field[]): PlacedField[] {
  const placed: PlacedField[] = [];
  let offset = 0;
  for (const [name, kind] of fields) {
    if (!kind.startsWith("zero(")) placed.push({ name, kind, offset });
    offset += FIELD_BYTES[kind];
  }
  return placed;
}

const descriptorFields = place(RouterDescriptorFields);
const DESCRIPTOR_BYTES = ELEMENT_BYTES["array(routerDescriptor)"];

/** Router descriptors, one after the other, with fields that `write` chooses. */
export function composeDescriptors(count: number, write: WriteField): Uint8Array {
  const bytes = new Uint8Array(count * DESCRIPTOR_BYTES);
  const view = new DataView(bytes.buffer);
  for (let i = 0; i < count; i++) {
    for (const field of descriptorFields)
      write(view, i * DESCRIPTOR_BYTES + field.offset, { ...field });
  }
  return bytes;
}
