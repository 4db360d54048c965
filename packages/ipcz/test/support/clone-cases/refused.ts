/**
 * Values that no channel can send: refused here as they are on Node's own.
 */
import type { CloneCase } from "./case.ts";
import { Custom, platformClass, resizable } from "./values.ts";

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
