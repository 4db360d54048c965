/**
 * What a suite says when the contract is broken.
 *
 * Suites run under vitest, in the matrix command and in child processes alike, so they use this one kind of error and
 * no test framework. Messages name the call, the answer and the answer that was due.
 */
import { IPCZ_RESULT_NAMES, type IpczResult } from "@ipcz/api";

/** The implementation under test did not do what the contract says. */
export class ContractFailure extends Error {
  override readonly name: string = "ContractFailure";
}

/** A result code by name, for messages. */
export function resultName(result: IpczResult): string {
  return IPCZ_RESULT_NAMES[result] ?? `result ${String(result)}`;
}

/** Fails with `message` unless `condition` holds. */
export function check(condition: boolean, message: string): asserts condition {
  if (!condition) throw new ContractFailure(message);
}

/** Fails unless `call` answered `expected`. */
export function checkResult(call: string, actual: IpczResult, expected: IpczResult): void {
  if (actual === expected) return;
  throw new ContractFailure(
    `${call} answered ${resultName(actual)}, expected ${resultName(expected)}`,
  );
}

/** Fails unless `actual` is `expected` (same value, same type). */
export function checkEqual<T>(what: string, actual: T, expected: T): void {
  if (Object.is(actual, expected)) return;
  throw new ContractFailure(`${what} is ${show(actual)}, expected ${show(expected)}`);
}

/** One value in one short piece of text. */
export function show(value: unknown): string {
  if (typeof value === "string") {
    return JSON.stringify(value.length > 80 ? `${value.slice(0, 80)}…` : value);
  }
  if (value instanceof Uint8Array) return `${String(value.length)} bytes`;
  return String(value);
}
