/**
 * One value of each kind, and where this package differs from Node's own channel between threads, with the reason.
 */
import { createSecretKey, webcrypto } from "node:crypto";
import { openAsBlob } from "node:fs";
import { open } from "node:fs/promises";
import { BlockList, SocketAddress } from "node:net";
import { createHistogram } from "node:perf_hooks";
import process from "node:process";
import { MessageChannel } from "node:worker_threads";

export const nodeMajor = Number(process.versions.node.split(".")[0]);

export interface CloneCase {
  readonly name: string;
  readonly make: () => unknown;
  /** Set where `MessageChannel` answers otherwise; the words are those of the table in `docs/clone.md`. */
  readonly differs?: Difference;
}

export interface Difference {
  /** First words of the row in the table. */
  readonly row: string;
  /** What arrives here instead: a value like this one, or an error at the sender. */
  readonly ours: (() => unknown) | "DataCloneError";
}

const loop: Record<string, unknown> = { name: "loop" };
loop["self"] = loop;
loop["list"] = [loop, { loop }];

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

interface Resizable extends ArrayBuffer {
  resize(bytes: number): void;
}

function resizable(bytes: number, maxByteLength: number): Resizable {
  return new (
    ArrayBuffer as unknown as new (bytes: number, options: { maxByteLength: number }) => Resizable
  )(bytes, { maxByteLength });
}

function errorOf(make: () => Error, stack = "a stack"): Error {
  const error = make();
  error.stack = stack;
  return error;
}

class Custom {
  own = 1;
  #hidden = 2;
  get computed(): number {
    return this.#hidden;
  }
}

class CustomError extends Error {
  override name = "CustomError";
  code = "E_CUSTOM";
}

function withProperties<T extends object>(target: T): T {
  return Object.assign(target, { extra: [1] });
}

/** A class that the types of the oldest supported platform do not know. */
function platformClass(name: string): new (...values: unknown[]) => object {
  return name
    .split(".")
    .reduce<unknown>((found, part) => (found as Record<string, unknown>)[part], globalThis) as new (
    ...values: unknown[]
  ) => object;
}

const float16 = (globalThis as Record<string, unknown>)["Float16Array"];

const primitives: readonly unknown[] = [
  undefined,
  null,
  true,
  false,
  0,
  -0,
  1,
  -1,
  2 ** 31 - 1,
  -(2 ** 31),
  2 ** 31,
  2 ** 53,
  1.5,
  Number.NaN,
  Number.POSITIVE_INFINITY,
  Number.MIN_VALUE,
  0n,
  -1n,
  2n ** 64n,
  -(2n ** 2000n),
  "",
  "plain",
  "ümläut",
  "日本語 😀",
  "\ud800 alone",
  "x".repeat(100_000),
  "日".repeat(50_000),
];

export const plainCases: readonly CloneCase[] = [
  ...primitives.map((value) => ({
    name: `the ${typeof value} ${String(value).slice(0, 20)}`,
    make: () => value,
  })),
  { name: "an object", make: () => ({ a: 1, "": 2, 7: 3, ключ: { nested: [] } }) },
  {
    name: "an object without prototype",
    make: () => Object.assign(Object.create(null) as object, { a: 1 }),
  },
  { name: "an object of a class", make: () => new Custom() },
  {
    name: "an object with inherited properties",
    make: () => Object.create({ inherited: 1 }) as unknown,
  },
  {
    name: "an object with a getter",
    make: () => ({
      get now() {
        return 5;
      },
    }),
  },
  {
    name: "a getter that removes a property",
    make: () => {
      const object = {
        get first() {
          delete (object as { second?: number }).second;
          return 1;
        },
        second: 2,
        third: 3,
      };
      return object;
    },
  },
  {
    name: "an object with symbols and hidden properties",
    make: () => Object.defineProperty({ [Symbol("s")]: 1, a: 2 }, "hidden", { value: 1 }),
  },
  {
    name: "a property called __proto__",
    make: () => JSON.parse('{"__proto__": {"x": 1}, "b": 2}') as unknown,
  },
  { name: "a frozen object", make: () => Object.freeze({ a: Object.freeze([1]) }) },
  {
    name: "an object that calls itself a Promise",
    make: () => ({ [Symbol.toStringTag]: "Promise", a: 1 }),
  },
  { name: "cycles and shared references", make: () => ({ loop, again: loop }) },
  { name: "an array", make: () => [1, "two", [3], { four: 4 }, null, undefined] },
  {
    name: "an array with gaps and names",
    make: () => withProperties(Object.assign(new Array<number>(5), { 0: 1, 3: 4 })),
  },
  { name: "an array of small integers", make: () => Array.from({ length: 20 }, (_, i) => i - 10) },
  { name: "an array of integers", make: () => Array.from({ length: 20 }, (_, i) => i * 1000) },
  {
    name: "an array of large integers",
    make: () => Array.from({ length: 20 }, (_, i) => i * 100_000_000 - 2 ** 31),
  },
  {
    name: "an array of numbers of all kinds",
    make: () => [...Array(20).keys(), -0, NaN, Infinity, -Infinity, 0.1, 2 ** 53, 5e-324],
  },
  { name: "an array with -0 among integers", make: () => [...Array(20).keys(), -0] },
  {
    name: "an array of numbers with a gap and a name",
    make: () => Object.assign([...Array(20).keys()], { length: 22, 21: 22, name: 21 }),
  },
  {
    name: "an array of numbers with a name",
    make: () => Object.assign([...Array(20).keys()], { length: 20, name: 21 }),
  },
  { name: "an array of numbers, and one that is none", make: () => [...Array(20).keys(), "21"] },
  {
    name: "an array of numbers, twice",
    make: () => Array(2).fill(Array.from({ length: 50 }, (_, i) => i / 7)) as unknown,
  },
  {
    name: "a large array of numbers",
    make: () => Array.from({ length: 50_000 }, (_, i) => i * 1.5),
  },
  { name: "a long empty array", make: () => new Array<unknown>(5_000_000) },
  {
    name: "an array with one element far out",
    make: () => Object.assign([], { 4_000_000_000: "far" }),
  },
  { name: "an array of a class", make: () => class extends Array {}.from([1, 2]) },
  { name: "many numbers", make: () => Array.from({ length: 20_000 }, (_, index) => index * 1.25) },
  {
    name: "dates",
    make: () => [new Date(0), new Date(1.7e12), new Date(Number.NaN), withProperties(new Date(5))],
  },
  {
    name: "regular expressions",
    make: () => [
      /a(b)?/giu,
      new RegExp("[^]", "v"),
      /\//,
      new RegExp("", "y"),
      Object.assign(/x/g, { lastIndex: 3 }),
    ],
  },
  {
    name: "boxed primitives",
    make: () => [
      new Boolean(false),
      new Number(-0),
      new String("日"),
      Object(5n) as unknown,
      withProperties(new Number(1)),
    ],
  },
  {
    name: "a Map",
    make: () =>
      new Map<unknown, unknown>([
        [1, "one"],
        [{ key: 1 }, new Map([["inner", loop]])],
        [Number.NaN, -0],
      ]),
  },
  { name: "a Set", make: () => new Set<unknown>([1, "1", new Set([loop]), loop]) },
  {
    name: "a Map that contains itself",
    make: () => {
      const map = new Map<unknown, unknown>();
      return map.set(map, map);
    },
  },
  {
    name: "a Map and a Set of classes",
    make: () => [
      new (class extends Map<number, number> {})([[1, 2]]),
      withProperties(new (class extends Set<number> {})([3])),
    ],
  },
  {
    name: "errors of all classes",
    make: () =>
      [
        Error,
        EvalError,
        RangeError,
        ReferenceError,
        SyntaxError,
        TypeError,
        URIError,
        AggregateError,
      ].map((ErrorClass) =>
        errorOf(
          () =>
            Reflect.construct(
              ErrorClass as ErrorConstructor,
              ErrorClass === (AggregateError as unknown)
                ? [[new Error("inner")], "message"]
                : ["message"],
            ) as Error,
        ),
      ),
  },
  {
    name: "an error with causes",
    make: () =>
      errorOf(
        () =>
          new TypeError("outer", {
            cause: errorOf(() => new RangeError("inner", { cause: { reason: 5 } })),
          }),
      ),
  },
  {
    name: "an error with an undefined cause",
    make: () => errorOf(() => new Error("m", { cause: undefined })),
  },
  { name: "an error without message", make: () => errorOf(() => new Error()) },
  {
    name: "an error whose message is a number",
    make: () =>
      Object.assign(
        errorOf(() => new Error("m")),
        { message: 5 },
      ),
  },
  {
    name: "an error whose message is computed",
    make: () =>
      Object.defineProperty(
        errorOf(() => new Error("m")),
        "message",
        { get: () => "computed" },
      ),
  },
  {
    name: "an error without stack",
    make: () => {
      const error = new Error("m");
      delete error.stack;
      return error;
    },
  },
  {
    name: "an error whose stack is no text",
    make: () => Object.assign(new Error("m"), { stack: 5 }),
  },
  {
    name: "an error of a class, with a code",
    make: () => errorOf(() => new CustomError("custom")),
  },
  {
    name: "an error called TypeError",
    make: () =>
      Object.assign(
        errorOf(() => new Error("m")),
        { name: "TypeError" },
      ),
  },
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

export const refusedCases: readonly CloneCase[] = [
  { name: "a function", make: () => () => 1 },
  { name: "a class", make: () => Custom },
  { name: "a symbol", make: () => Symbol("s") },
  { name: "a boxed symbol", make: () => new Object(Symbol("s")) },
  { name: "a function deep inside", make: () => ({ a: [new Map([["f", { f: () => 1 }]])] }) },
  { name: "a WeakMap", make: () => new WeakMap() },
  { name: "a WeakSet", make: () => new WeakSet() },
  { name: "a WeakRef", make: () => new WeakRef({}) },
  { name: "a FinalizationRegistry", make: () => new FinalizationRegistry(() => undefined) },
  { name: "a Promise", make: () => Promise.resolve(1) },
  { name: "a Promise of a class", make: () => class extends Promise<number> {}.resolve(1) },
  { name: "a Proxy", make: () => new Proxy({}, {}) },
  { name: "a Proxy of an array", make: () => new Proxy([], {}) },
  { name: "a generator", make: () => (function* generate() {})() },
  { name: "an async generator", make: () => (async function* generate() {})() },
  { name: "an iterator of an array", make: () => [1][Symbol.iterator]() },
  { name: "an iterator of a Map", make: () => new Map().entries() },
  { name: "an iterator of a text", make: () => ""[Symbol.iterator]() },
  {
    name: "arguments",
    make: () =>
      (function collect(..._values: unknown[]) {
        return arguments;
      })(1, 2),
  },
  {
    name: "a detached buffer",
    make: () => {
      const buffer = new ArrayBuffer(8);
      structuredClone(buffer, { transfer: [buffer] });
      return buffer;
    },
  },
  {
    name: "a view of a detached buffer",
    make: () => {
      const view = new Uint8Array(8);
      structuredClone(view, { transfer: [view.buffer] });
      return view;
    },
  },
  {
    name: "a view beyond its buffer",
    make: () => {
      const buffer = resizable(8, 8);
      const view = new Uint8Array(buffer, 4, 4);
      buffer.resize(2);
      return view;
    },
  },
  {
    name: "WebAssembly.Memory",
    make: () => new (platformClass("WebAssembly.Memory"))({ initial: 1 }),
  },
  { name: "Intl.NumberFormat", make: () => new Intl.NumberFormat() },
  { name: "an array of functions", make: () => [() => 1] },
];

const sinceMarks = nodeMajor < 22;

function refused(name: string, make: () => unknown, row: string): CloneCase {
  return { name, make, differs: { row, ours: "DataCloneError" } };
}

/** As `refused`, where Node 20 alone answers otherwise. */
function refusedSince22(name: string, make: () => unknown): CloneCase {
  return sinceMarks ? refused(name, make, "`URL`, `Headers`") : { name, make };
}

export const differentCases: readonly CloneCase[] = [
  {
    name: "a Buffer in the pool",
    make: () => Buffer.from("pooled"),
    differs: {
      row: "`Buffer` in a larger buffer",
      ours: () => new Uint8Array(Buffer.from("pooled")),
    },
  },
  {
    name: "a DOMException",
    make: () => new DOMException("m", "AbortError"),
    ...(sinceMarks && {
      differs: { row: "`DOMException`", ours: () => new DOMException("m", "AbortError") },
    }),
  },
  {
    name: "a File",
    make: () => new File(["content"], "näme.txt", { type: "text/plain", lastModified: 7 }),
    ...(nodeMajor < 24 && {
      differs: {
        row: "`File`",
        ours: () => new File(["content"], "näme.txt", { type: "text/plain", lastModified: 7 }),
      },
    }),
  },
  {
    name: "an error that is its own cause",
    make: () => {
      const error = errorOf(() => new Error("m", { cause: null }));
      error.cause = error;
      return error;
    },
    ...(sinceMarks && {
      differs: {
        row: "An error that is its own cause",
        ours: () => {
          const error = errorOf(() => new Error("m", { cause: null }));
          error.cause = error;
          return error;
        },
      },
    }),
  },
  refused("a SharedArrayBuffer", () => new SharedArrayBuffer(8), "`SharedArrayBuffer`"),
  refused(
    "a view of a SharedArrayBuffer",
    () => new Uint8Array(new SharedArrayBuffer(8)),
    "`SharedArrayBuffer`",
  ),
  refused(
    "a WebAssembly.Module",
    () => new (platformClass("WebAssembly.Module"))(new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0])),
    "`WebAssembly.Module`",
  ),
  refused("a KeyObject", () => createSecretKey(Buffer.from("secret")), "`KeyObject`"),
  refused("a CryptoKey", () => cryptoKey, "`KeyObject`"),
  refused("a BlockList", () => new BlockList(), "`BlockList`"),
  refused(
    "a SocketAddress",
    () => new SocketAddress({ address: "1.2.3.4", port: 5 }),
    "`BlockList`",
  ),
  refused("a Histogram", () => createHistogram(), "`BlockList`"),
  refusedSince22("a URL", () => new URL("http://a/b")),
  refusedSince22("URLSearchParams", () => new URLSearchParams("a=1")),
  refusedSince22("Headers", () => new Headers()),
  refusedSince22("FormData", () => new FormData()),
  refusedSince22("a Response", () => new Response()),
];

const cryptoKey = await webcrypto.subtle.generateKey({ name: "AES-GCM", length: 128 }, true, [
  "encrypt",
]);
const fileHandle = await open(new URL(import.meta.url));

/** What must be in the transfer list: refused without, with one error or another. */
export const unlistedCases: readonly CloneCase[] = [
  {
    name: "a MessagePort",
    make: () => {
      const { port1, port2 } = new MessageChannel();
      port2.close();
      return port1;
    },
  },
  { name: "a ReadableStream", make: () => new ReadableStream() },
  { name: "a WritableStream", make: () => new WritableStream() },
  { name: "a TransformStream", make: () => new TransformStream() },
  { name: "a FileHandle", make: () => fileHandle },
];

export const fileBlob: () => Promise<Blob> = () => openAsBlob(new URL(import.meta.url));

export async function endCases(): Promise<void> {
  await fileHandle.close();
}
