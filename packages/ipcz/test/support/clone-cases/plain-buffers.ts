/**
 * Buffers, the views that share them, and Blobs, which arrive as they do on Node's own channel.
 */
import type { CloneCase } from "./case.ts";
import { resizable } from "./values.ts";

function sharedBuffer(): unknown {
  const buffer = new Uint8Array([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16]).buffer;
  return [
    new Uint8Array(buffer, 3, 5),
    new DataView(buffer, 1, 9),
    new Float32Array(buffer, 4, 2),
    buffer,
    new BigInt64Array(buffer),
    new Uint8ClampedArray(buffer, 16, 0),
  ];
}

const float16 = (globalThis as Record<string, unknown>)["Float16Array"];

export const bufferCases: readonly CloneCase[] = [
  { name: "an ArrayBuffer", make: () => new Uint8Array([1, 2, 3]).buffer },
  { name: "an empty ArrayBuffer", make: () => new ArrayBuffer(0) },
  { name: "a large ArrayBuffer", make: () => new Uint8Array(3_000_000).fill(7).buffer },
  { name: "views of one buffer", make: sharedBuffer },
  {
    name: "every typed array",
    make: () =>
      [
        Int8Array,
        Uint8Array,
        Uint8ClampedArray,
        Int16Array,
        Uint16Array,
        Int32Array,
        Uint32Array,
        Float32Array,
        Float64Array,
      ].map((View) => new View([1, 2, 3])),
  },
  {
    name: "64-bit arrays",
    make: () => [new BigInt64Array([-1n]), new BigUint64Array([2n ** 63n])],
  },
  ...(typeof float16 === "function"
    ? [{ name: "a Float16Array", make: () => Reflect.construct(float16, [[1.5]]) as unknown }]
    : []),
  { name: "a resizable buffer", make: () => resizable(3, 10) },
  {
    name: "views of a resizable buffer",
    make: () => {
      const buffer = resizable(8, 16);
      return [
        new Uint8Array(buffer),
        new Uint8Array(buffer, 0, 8),
        new Uint16Array(buffer, 2),
        new DataView(buffer, 1),
        new Uint8Array(buffer, 8),
        new Uint8Array(buffer, 8, 0),
      ];
    },
  },
  {
    name: "a Buffer with a buffer of its own",
    make: () => Buffer.from(new Uint8Array([1, 2, 3]).buffer),
  },
  {
    name: "a Blob",
    make: () => new Blob(["some", new Uint8Array([0, 255])], { type: "text/plain" }),
  },
  { name: "an empty Blob", make: () => new Blob([]) },
  { name: "a large Blob", make: () => new Blob([new Uint8Array(1_000_000).fill(3)]) },
  {
    name: "a Blob among other things, twice",
    make: () => {
      const blob = new Blob(["twice"]);
      return [1, blob, { blob }, new Blob(["other"])];
    },
  },
];
