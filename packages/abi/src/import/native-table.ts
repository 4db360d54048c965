/**
 * The table over a native library, function by function.
 */
import { IPCZ_API_SIZE, type IpczAPI } from "@ipcz/api";
import { boxFunctions } from "./boxes.ts";
import type { NativeLibrary } from "./native-library.ts";
import { nodeFunctions } from "./nodes.ts";
import { parcelFunctions } from "./parcels.ts";
import { portalFunctions } from "./portals.ts";
import { trapFunctions } from "./traps.ts";
import { twoPhaseFunctions } from "./two-phase.ts";

/** The table. */
export function nativeTable(library: NativeLibrary): IpczAPI {
  return Object.freeze({
    size: IPCZ_API_SIZE,
    ...nodeFunctions(library),
    ...portalFunctions(library),
    ...parcelFunctions(library),
    ...twoPhaseFunctions(library),
    ...trapFunctions(library),
    ...boxFunctions(library),
  });
}
