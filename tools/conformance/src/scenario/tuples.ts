/**
 * Lists of known length, as calls return them, into their elements.
 */
import { check } from "../table/expect.ts";

/** The one element of `list`. */
export function single<T>(list: readonly T[]): T {
  const [first] = list;
  check(list.length === 1 && first !== undefined, `${String(list.length)} elements, expected 1`);
  return first;
}

/** The two elements of `list`. */
export function two<T>(list: readonly T[]): [T, T] {
  const [first, second] = list;
  check(
    list.length === 2 && first !== undefined && second !== undefined,
    `${String(list.length)} elements, expected 2`,
  );
  return [first, second];
}

/** The three elements of `list`. */
export function three<T>(list: readonly T[]): [T, T, T] {
  const [first, second, third] = list;
  check(
    list.length === 3 && first !== undefined && second !== undefined && third !== undefined,
    `${String(list.length)} elements, expected 3`,
  );
  return [first, second, third];
}

/** Element `index` of `list`. */
export function at<T>(list: readonly T[], index: number): T {
  const found = list[index];
  check(found !== undefined, `no element ${String(index)} in ${String(list.length)}`);
  return found;
}
