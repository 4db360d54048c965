/**
 * Where every byte of a message belongs: header, parameter struct, an array, or an object's data.
 *
 * Reads the bytes on its own, with nothing but the places of the array fields taken from the schema.
 */
import { isArrayKind } from "../../src/wire/layout.ts";
import { blocksOf, type MessageSchema } from "../../src/wire/schema.ts";

export interface Part {
  readonly what: string;
  readonly start: number;
  readonly end: number;
}

/** The parts of a message in order of their place. */
export function partsOf(schema: MessageSchema, message: Uint8Array): readonly Part[] {
  const view = new DataView(message.buffer, message.byteOffset, message.byteLength);
  const headerSize = view.getUint8(0);
  const structEnd = headerSize + view.getUint32(headerSize, true);
  const parts: Part[] = [
    { what: "header", start: 0, end: headerSize },
    { what: "struct", start: headerSize, end: structEnd },
  ];
  const addArray = (what: string, start: number) => {
    if (start > 0) parts.push({ what, start, end: start + view.getUint32(start, true) });
  };
  for (const { fields, end } of blocksOf(schema))
    if (headerSize + end <= structEnd)
      for (const { name, kind, offset } of fields)
        if (isArrayKind(kind)) addArray(name, view.getUint32(headerSize + offset, true));
  const objects = view.getUint32(16, true);
  addArray("objects", objects);
  const count = objects > 0 ? view.getUint32(objects + 4, true) : 0;
  for (let index = 0; index < count; index++)
    addArray(`object ${index}`, view.getUint32(objects + 8 + 8 * index, true));
  return parts.toSorted((one, other) => one.start - other.start);
}

/** Bytes that belong to nothing, or to two things; empty when all is well. */
export function unaccounted(schema: MessageSchema, message: Uint8Array): readonly string[] {
  const faults: string[] = [];
  let end = 0;
  for (const part of partsOf(schema, message)) {
    if (part.start !== end) faults.push(`${end}..${part.start} before ${part.what}`);
    end = part.end;
  }
  if (end !== message.length) faults.push(`${end}..${message.length} at the end`);
  return faults;
}
