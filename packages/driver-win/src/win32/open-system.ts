/**
 * The system we run on, opened when the first driver of a thread is made.
 */
import process from "node:process";
import { foreign } from "@ipcz/abi/ffi";
import type { WinSystem } from "../system.ts";
import { win32System } from "./system.ts";

/** Layouts are those of 64-bit machines. */
const machines: ReadonlySet<string> = new Set(["x64", "arm64"]);
let opened: WinSystem | null = null;

/** The system; the same for all drivers of a thread. Throws, saying why, where it is not Windows. */
export function openSystem(): WinSystem {
  if (process.platform !== "win32") {
    throw new Error(`the Windows driver runs on Windows, not on ${process.platform}`);
  }
  if (!machines.has(process.arch)) {
    throw new Error(`the Windows driver needs a 64-bit machine, not ${process.arch}`);
  }
  opened ??= win32System(foreign);
  return opened;
}
