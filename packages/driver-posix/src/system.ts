/**
 * The system we run on: foreign functions, the C library, and what is special about this platform.
 */
import process from "node:process";
import type { Foreign } from "@ipcz/abi/ffi";
import { darwinPlatform } from "./darwin/platform.ts";
import { bindLibc, type Libc } from "./libc.ts";
import { linuxPlatform } from "./linux/platform.ts";
import type { Platform } from "./platform.ts";

/** What every part of the driver is built on. */
export interface System {
  readonly foreign: Foreign;
  readonly libc: Libc;
  readonly platform: Platform;
}

const platforms = { linux: linuxPlatform, darwin: darwinPlatform };

/** Layouts are those of 64-bit little-endian machines. */
const machines: ReadonlySet<string> = new Set(["x64", "arm64", "riscv64", "loong64"]);

/** Binds the C library of this process. Throws on a system or machine the driver does not know. */
export function openSystem(foreign: Foreign): System {
  const name = process.platform;
  if (name !== "linux" && name !== "darwin") {
    throw new Error(`the posix driver knows Linux and macOS, not ${name}`);
  }
  if (!machines.has(process.arch)) {
    throw new Error(`the posix driver needs a 64-bit little-endian machine, not ${process.arch}`);
  }
  const library = foreign.load(null);
  const libc = bindLibc(foreign, library);
  return { foreign, libc, platform: platforms[name](foreign, library, libc) };
}
