/**
 * The bytes of a cloned value: one tag for each kind, and the bounds that both sides keep to.
 *
 * A format of our own, not V8's: it means the same to every version of every runtime, and a reader can check each byte.
 * Numbers are little-endian; a count or index is a varint, seven bits a byte, lowest first.
 */

/** First byte of every message. A reader refuses what it does not know. */
export const CLONE_VERSION = 1;

/** What follows a tag; `value` stands for any tag and what belongs to it. */
export const Tag = {
  /** An array's gap: varint count. */
  holes: 0x00,
  undefined: 0x01,
  null: 0x02,
  true: 0x03,
  false: 0x04,
  /** varint, zigzag: an integer of 32 bits. */
  int: 0x05,
  /** Eight bytes. */
  double: 0x06,
  /** text of hexadecimal digits; the second for numbers below 0. */
  bigint: 0x07,
  negativeBigint: 0x08,
  /** varint bytes, then these: one byte a character. */
  latin1: 0x09,
  /** varint bytes, then these: two bytes a character, surrogates as they are. */
  utf16: 0x0a,
  /** varint index into the objects read so far, in the order of their tags. */
  reference: 0x0b,
  /** varint index into what travels beside the bytes. */
  transferred: 0x0c,

  // From here on: objects, each with the next index.
  /** properties. */
  object: 0x10,
  /** varint length, that many values (or gaps), properties. */
  array: 0x11,
  /** varint count, that many pairs of values. */
  map: 0x12,
  /** varint count, that many values. */
  set: 0x13,
  /** double: milliseconds, or NaN. */
  date: 0x14,
  /** two texts: source and flags. */
  regexp: 0x15,
  /** One primitive value: that of a Boolean, Number, BigInt or String object. */
  boxed: 0x16,
  /** byte: index in errorNames; byte: bits of ErrorParts; then what these announce: message, stack, cause. */
  error: 0x17,
  /** three texts: message, name, stack. */
  domException: 0x18,
  /** varint bytes, then these. */
  arrayBuffer: 0x19,
  /** varint bytes, varint most bytes, then the first many bytes. */
  resizableBuffer: 0x1a,
  /** byte: index in viewNames; varint byte offset; varint length + 1 in elements, or 0: as long as its buffer; value. */
  view: 0x1b,
  /** text: type; varint bytes, then these. */
  blob: 0x1c,
  /** two texts: name and type; double: last modified; varint bytes, then these. */
  file: 0x1d,
  /** An array of numbers. byte: how they lie, as in `number-arrays.ts`; varint length; that many numbers. */
  numbers: 0x1e,
} as const;

/** Errors keep their class if it is one of these. The first is what all others become. */
export const errorNames = [
  "Error",
  "EvalError",
  "RangeError",
  "ReferenceError",
  "SyntaxError",
  "TypeError",
  "URIError",
] as const;

/** What an error has, besides its class. */
export const ErrorPart = { message: 1, stack: 2, cause: 4 } as const;

/** Views by index; a reader without one of them (`Float16Array` before Node 24) refuses the message. */
export const viewNames = [
  "DataView",
  "Int8Array",
  "Uint8Array",
  "Uint8ClampedArray",
  "Int16Array",
  "Uint16Array",
  "Int32Array",
  "Uint32Array",
  "Float32Array",
  "Float64Array",
  "BigInt64Array",
  "BigUint64Array",
  "Float16Array",
] as const;

/** What one message may hold. Both sides keep to it: nothing is sent that the receiver must refuse. */
export interface CloneBounds {
  /**
   * How deep values may contain each other. Both sides go down by recursion, and the receiver must be able to follow
   * whatever its own stack is; Node's own channel ends between 1600 and 2500, depending on the version.
   */
  readonly depthMax: number;
  /** Objects. An empty Map takes two bytes in a message and about two hundred in memory. */
  readonly objectsMax: number;
  /** Values, with objects and property names. An undefined takes one byte in a message and eight in memory. */
  readonly valuesMax: number;
  /** Bytes that resizable buffers may grow to, together: address space is reserved for them. */
  readonly reservedBytesMax: number;
}

/** The bounds in use. */
export const cloneBounds: CloneBounds = {
  depthMax: 1000,
  objectsMax: 1 << 22,
  valuesMax: 1 << 25,
  reservedBytesMax: 2 ** 32,
};
