/**
 * Primitives, objects, arrays and collections, which arrive as they do on Node's own channel.
 */
import type { CloneCase } from "./case.ts";
import { Custom } from "./values.ts";

const loop: Record<string, unknown> = { name: "loop" };
loop["self"] = loop;
loop["list"] = [loop, { loop }];

function withProperties<T extends object>(target: T): T {
  return Object.assign(target, { extra: [1] });
}

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

export const objectCases: readonly CloneCase[] = [
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
];
