/**
 * Tables of C functions: a word that is their size, then the functions in order.
 */
import type { Signature } from "../c/functions.ts";
import { functionOffset, WORD_BYTES } from "../c/layout.ts";
import type { Address } from "../ffi/foreign.ts";
import { foreign } from "../ffi/koffi.ts";
import { readWordAt, readWords } from "./native-memory.ts";
import { callPrototype, callbackPrototype } from "./prototypes.ts";

/** A native function as a table's user calls it. */
export type NativeCall = (...parameters: unknown[]) => number;

/** The addresses in the table at `address`, in order; a string that says what is wrong with it otherwise. */
export function readTable(
  address: number,
  signatures: Readonly<Record<string, Signature>>,
): readonly number[] | string {
  const names = Object.keys(signatures);
  const needed = functionOffset(names.length);
  if (address === 0) return "the pointer to it is null";
  const size = readWordAt(address);
  if (size < needed) return `its size is ${String(size)}, at least ${String(needed)} is needed`;
  const addresses = readWords(address + WORD_BYTES, names.length);
  const missing = names.find((_name, index) => addresses[index] === 0);
  return missing === undefined ? addresses : `it has no ${missing}`;
}

/** The functions at these addresses, by name. */
export function bindTable<K extends string>(
  addresses: readonly number[],
  signatures: Readonly<Record<K, Signature>>,
): Readonly<Record<K, NativeCall>> {
  const names = Object.keys(signatures) as K[];
  const bound = names.map((name, index) => {
    const prototype = callPrototype(foreign, signatures[name]);
    return [name, foreign.call<NativeCall>(BigInt(addresses[index] ?? 0), prototype)] as const;
  });
  return Object.fromEntries(bound) as Record<K, NativeCall>;
}

/** Tables that native code may use for as long as the process lives. */
const tables: BigUint64Array[] = [];

/** Makes a table of functions that call `callees`. It is never taken away. */
export function makeTable<K extends string>(
  callees: Readonly<Record<K, (...facts: never[]) => number>>,
  signatures: Readonly<Record<K, Signature>>,
): Address {
  const names = Object.keys(signatures) as K[];
  const table = new BigUint64Array(names.length + 1);
  table[0] = BigInt(functionOffset(names.length));
  for (const [index, name] of names.entries()) {
    table[index + 1] = callbackAddress(signatures[name], callees[name]);
  }
  tables.push(table);
  return foreign.address(table);
}

/** A function that native code can call for as long as the process lives. */
export function callbackAddress(
  signature: Signature,
  callee: (...facts: never[]) => unknown,
): Address {
  return foreign.callback(callbackPrototype(foreign, signature), callee).address;
}
