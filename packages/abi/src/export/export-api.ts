/**
 * A table of JavaScript as a native `IpczAPI`.
 *
 * Its functions run on this thread, whichever thread calls; another waits until the event loop has run the call. They
 * stay for as long as the process lives, since nobody can tell when native code is done with them: after `release` they
 * answer `INVALID_ARGUMENT`, and traps that native code has set tell nobody.
 */
import {
  IPCZ_API_FUNCTIONS,
  IPCZ_API_SIZE,
  IPCZ_RESULT_INVALID_ARGUMENT,
  IPCZ_RESULT_OK,
  type IpczAPI,
} from "@ipcz/api";
import { barrier } from "../border/barrier.ts";
import { readWordAt, viewBytes, writeBytes } from "../border/native-memory.ts";
import { callbackAddress, makeTable } from "../border/table.ts";
import { API_SIGNATURES, type Signature } from "../c/functions.ts";
import type { Address } from "../ffi/foreign.ts";
import { apiCallees } from "./api-callees.ts";
import { Export } from "./export.ts";

/** A table that native code can use. */
export interface ExportedAPI {
  /** The `const IpczAPI*`. */
  readonly pointer: Address;
  /** An `IpczGetAPI`: fills a table whose size the caller has set. */
  readonly getAPI: Address;
  /** Lets go of the table; its functions answer `INVALID_ARGUMENT` from now on. */
  release(): void;
}

const GET_API: Signature = {
  about: "Fills a table of which the caller has set the size.",
  parameters: [{ type: "IpczAPI*", name: "api" }],
};

/**
 * Makes `api` callable from native code. Throws, naming what is missing, unless it is complete.
 *
 * Each export takes 17 of the 8192 callbacks that a process can have.
 */
export function exportAPI(api: IpczAPI): ExportedAPI {
  const missing = IPCZ_API_FUNCTIONS.find((name) => typeof api[name] !== "function");
  if (missing !== undefined) throw new TypeError(`this is no complete table: it has no ${missing}`);
  const own = new Export(api);
  const callees = apiCallees(own);
  const guarded = Object.fromEntries(
    IPCZ_API_FUNCTIONS.map((name) => [
      name,
      (...facts: never[]) =>
        barrier(() => (own.isReleased ? IPCZ_RESULT_INVALID_ARGUMENT : callees[name](...facts))),
    ]),
  ) as unknown as typeof callees;
  const pointer = makeTable(guarded, API_SIGNATURES);
  const getAPI = callbackAddress(GET_API, (target: number) =>
    barrier(() => {
      if (own.isReleased || target === 0 || !(readWordAt(target) >= IPCZ_API_SIZE)) {
        return IPCZ_RESULT_INVALID_ARGUMENT;
      }
      const table = viewBytes(Number(pointer), IPCZ_API_SIZE);
      if (table !== null) writeBytes(target, table, IPCZ_API_SIZE);
      return IPCZ_RESULT_OK;
    }),
  );
  return { pointer, getAPI, release: () => own.release() };
}
