/**
 * Arrays of nothing but numbers, packed: each number in as many bytes as the widest of them needs.
 */
import { MalformedMessage } from "./bytes-in.ts";
import type { MessageIn, MessageOut } from "./contract.ts";
import { Tag } from "./format.ts";

/** How the numbers lie in the bytes, by index. */
const packings = [Int8Array, Int16Array, Int32Array, Float64Array] as const;
type Packing = (typeof packings)[number];

/** Shorter arrays are as fast value by value. */
export const packedLengthMin = 16;

/** Writes an array whose index has been taken; false, with nothing written, when it has anything but numbers. */
export function writeNumbers(writer: MessageOut, source: readonly unknown[]): boolean {
  const { length } = source;
  if (length < packedLengthMin || typeof source[0] !== "number") return false;
  const packing = packingOf(source);
  if (!packing) return false;
  writer.countValues(length);
  const packed = new packing(length);
  // Many times as fast as handing over the array.
  for (let index = 0; index < length; index++) packed[index] = source[index] as number;
  const { out } = writer;
  out.byte(Tag.numbers);
  out.byte(packings.indexOf(packing));
  out.varint(length);
  out.bytes(new Uint8Array(packed.buffer));
  return true;
}

/** What {@link writeNumbers} wrote, from behind the tag. */
export function readNumbers(reader: MessageIn): number[] {
  const { from } = reader;
  const packing = packings[from.byte()];
  if (!packing) throw new MalformedMessage("numbers of no known width");
  const length = from.varint();
  const bytes = length * packing.BYTES_PER_ELEMENT;
  if (bytes > from.remaining) throw new MalformedMessage("a message ends too early");
  reader.countValues(length);
  const packed = new packing(from.copy(bytes));
  const array = reader.register<number[]>([]);
  array.length = length;
  for (let index = 0; index < length; index++) array[index] = packed[index] ?? 0;
  return array;
}

/**
 * The narrowest that holds all elements; -0 and what is no integer need eight bytes. Null when there is anything but
 * numbers: a gap, a property with a name.
 *
 * `Object.values` counts both without making their names, which is what takes the time of `Object.keys`. As many as the
 * array is long, and no index without a number: then each belongs to an index.
 */
function packingOf(source: readonly unknown[]): Packing | null {
  const { length } = source;
  if (Object.values(source).length !== length) return null;
  let least = 0;
  let most = 0;
  let isInteger = true;
  for (let index = 0; index < length; index++) {
    const element = source[index];
    if (typeof element !== "number") return null;
    if ((element | 0) !== element || Object.is(element, -0)) isInteger = false;
    else if (element < least) least = element;
    else if (element > most) most = element;
  }
  if (!isInteger) return Float64Array;
  if (least >= -0x80 && most <= 0x7f) return Int8Array;
  return least >= -0x8000 && most <= 0x7fff ? Int16Array : Int32Array;
}
