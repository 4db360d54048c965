/**
 * The C library, by its plain functions.
 */
import process from "node:process";
import type { ForeignLibrary } from "./foreign.ts";
import { foreign } from "./koffi.ts";

/** It is in each process; on Windows the program shows nothing of its own, and this is one that all systems have. */
export function cLibrary(): ForeignLibrary {
  return foreign.load(process.platform === "win32" ? "msvcrt.dll" : null);
}
