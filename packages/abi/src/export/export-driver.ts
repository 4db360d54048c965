/**
 * A driver of JavaScript as a native `IpczDriver`.
 *
 * Its functions run on this thread; a native thread that calls one waits until the event loop has run it. The table and
 * its functions stay for as long as the process lives, since nobody can tell when native code is done with them: after
 * `release` they answer `INVALID_ARGUMENT`.
 */
import {
  IPCZ_DRIVER_FUNCTIONS,
  IPCZ_DRIVER_SIZE,
  IPCZ_RESULT_INVALID_ARGUMENT,
  type IpczDriver,
} from "@ipcz/api";
import { barrier } from "../border/barrier.ts";
import { noteExported } from "../border/known-drivers.ts";
import { makeTable } from "../border/table.ts";
import { DRIVER_SIGNATURES } from "../c/functions.ts";
import type { Address } from "../ffi/foreign.ts";
import { driverCallees } from "./driver-callees.ts";

/** A driver that native code can use. */
export interface ExportedDriver {
  /** The `const IpczDriver*`. */
  readonly pointer: Address;
  /** Lets go of the driver; its functions answer `INVALID_ARGUMENT` from now on. */
  release(): void;
}

/**
 * Makes `driver` callable from native code. Throws, saying what is wrong, unless it is complete.
 *
 * Each export takes 13 of the 8192 callbacks that a process can have.
 */
export function exportDriver(driver: IpczDriver): ExportedDriver {
  const wrong = whatIsWrong(driver);
  if (wrong !== null) throw new TypeError(`this is no complete driver: ${wrong}`);
  let current: IpczDriver | null = driver;
  const callees = driverCallees(driver);
  const guarded = Object.fromEntries(
    IPCZ_DRIVER_FUNCTIONS.map((name) => [
      name,
      (...facts: never[]) =>
        barrier(() => (current === null ? IPCZ_RESULT_INVALID_ARGUMENT : callees[name](...facts))),
    ]),
  ) as unknown as typeof callees;
  const pointer = makeTable(guarded, DRIVER_SIGNATURES);
  noteExported(Number(pointer), driver);
  return {
    pointer,
    release: () => {
      current = null;
      noteExported(Number(pointer), null);
    },
  };
}

/** Null: nothing. */
export function whatIsWrong(driver: IpczDriver | null): string | null {
  if (driver === null || driver === undefined) return "it is null";
  if (!(driver.size >= IPCZ_DRIVER_SIZE)) {
    return `its size is ${String(driver.size)}, at least ${String(IPCZ_DRIVER_SIZE)} is needed`;
  }
  const missing = IPCZ_DRIVER_FUNCTIONS.find((name) => typeof driver[name] !== "function");
  return missing === undefined ? null : `it has no ${missing}`;
}
