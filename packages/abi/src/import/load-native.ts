/**
 * A native ipcz library as an `IpczAPI`.
 */
import { IPCZ_API_SIZE, IPCZ_RESULT_NAMES, IPCZ_RESULT_OK, type IpczAPI } from "@ipcz/api";
import { readTable } from "../border/table.ts";
import { API_SIGNATURES } from "../c/functions.ts";
import type { ForeignLibrary } from "../ffi/foreign.ts";
import { foreign } from "../ffi/koffi.ts";
import { NativeLibrary } from "./native-library.ts";
import { nativeTable } from "./native-table.ts";

/**
 * Opens the library at `path` and gets its table. Throws, saying what is wrong, when there is no such library, it has no
 * `IpczGetAPI`, or its table is not complete.
 *
 * The table behaves as that of `getAPI()` of `@ipcz/core`, but for the differences that docs/native.md lists.
 */
export function loadNative(path: string): IpczAPI {
  const getAPI = openLibrary(path).bind<(api: BigUint64Array) => number>("int IpczGetAPI(void *)");
  const table = new BigUint64Array(IPCZ_API_SIZE / 8);
  table[0] = BigInt(IPCZ_API_SIZE);
  const result = getAPI(table);
  if (result !== IPCZ_RESULT_OK) {
    const name = IPCZ_RESULT_NAMES[result] ?? String(result);
    throw new Error(`IpczGetAPI of ${path} answered ${name}`);
  }
  return importAPI(foreign.address(table));
}

/** The native table at `pointer`, which is read now and not needed afterwards. Throws unless it is complete. */
export function importAPI(pointer: number | bigint): IpczAPI {
  const addresses = readTable(Number(pointer), API_SIGNATURES);
  if (typeof addresses === "string") throw new TypeError(`this is no ipcz table: ${addresses}`);
  return nativeTable(new NativeLibrary(addresses));
}

function openLibrary(path: string): ForeignLibrary {
  let library: ForeignLibrary;
  try {
    library = foreign.load(path);
  } catch (error) {
    throw new Error(`cannot open the native library ${path}`, { cause: error });
  }
  try {
    library.symbol("IpczGetAPI");
  } catch (error) {
    throw new Error(`${path} is no ipcz library: it has no IpczGetAPI`, { cause: error });
  }
  return library;
}
