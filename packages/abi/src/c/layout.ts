/**
 * Where the fields of a struct lie, by the rules every C compiler for a 64-bit machine follows.
 *
 * Each field is aligned to its size, and the struct's size is a multiple of its largest alignment. The tests compare
 * the outcome with what a C compiler says.
 */
import type { FieldName, ScalarType, StructField, StructName } from "./structs.ts";
import { SIZE_FIELD, STRUCTS } from "./structs.ts";

/** Bytes of a pointer, `size_t` and handle: only 64-bit machines are supported. */
export const WORD_BYTES = 8;

/** A struct with its fields in their places. */
export interface StructLayout<F extends string> {
  /** `sizeof`, bytes. */
  readonly size: number;
  /** `offsetof` each field, bytes. */
  readonly at: Readonly<Record<F, number>>;
}

/** The layout of a struct of the ABI. */
export function layoutOf<S extends StructName>(name: S): StructLayout<FieldName<S>> {
  const at: Record<string, number> = {};
  let end = 0;
  for (const field of [SIZE_FIELD, ...STRUCTS[name]]) {
    const bytes = sizeOfField(field);
    at[field.name] = alignUp(end, bytes);
    end = alignUp(end, bytes) + bytes;
  }
  return { size: alignUp(end, WORD_BYTES), at: at as Record<FieldName<S>, number> };
}

/** Offset of the function at `index` in a table that starts with its size. */
export function functionOffset(index: number): number {
  return WORD_BYTES * (index + 1);
}

function sizeOfField({ type }: StructField): number {
  return type === "union" ? WORD_BYTES : sizeOfScalar(type);
}

/** Bytes of a scalar. */
export function sizeOfScalar(type: ScalarType): number {
  return type === "uint32_t" || type === "IpczBoxType" ? 4 : WORD_BYTES;
}

function alignUp(offset: number, alignment: number): number {
  return Math.ceil(offset / alignment) * alignment;
}
