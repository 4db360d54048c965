/**
 * The driver for the system we run on, loaded when the first node needs it.
 *
 * Drivers are optional dependencies: a package manager leaves out what does not fit the system.
 */
import { createRequire } from "node:module";
import process from "node:process";
import { IpczError } from "../errors/ipcz-error.ts";
import type { SystemDriver } from "./platform-driver.ts";

interface DriverPackage {
  readonly name: string;
  /** The function that makes a driver. */
  readonly factory: string;
  /** What it is told. */
  readonly options: Readonly<Record<string, unknown>>;
}

const posix: DriverPackage = {
  name: "@ipcz/driver-posix",
  factory: "posixDriver",
  options: { descriptors: true },
};
const packages: Readonly<Record<string, DriverPackage>> = {
  linux: posix,
  darwin: posix,
  win32: { name: "@ipcz/driver-win", factory: "winDriver", options: {} },
};

type Factory = (options: Readonly<Record<string, unknown>>) => SystemDriver;

/** Loads a package by name. */
export type Load = (name: string) => unknown;

/**
 * A new driver for the processes of this system, as `new Node()` makes one: for programs that use the table of functions.
 * Throws `ERR_IPCZ_NO_DRIVER`, saying what to do, when there is none or it is not installed.
 */
export function systemDriver(): SystemDriver {
  return defaultDriver();
}

/** The same for `platform`. */
export function defaultDriver(
  platform: string = process.platform,
  load: Load = createRequire(import.meta.url),
): SystemDriver {
  const found = packages[platform];
  if (!found)
    throw new IpczError(
      "ERR_IPCZ_NO_DRIVER",
      `there is no ipcz driver for ${platform}; give the node one: new Node({ driver })`,
    );
  const { name, factory, options } = found;
  const module = tryLoad(name, platform, load);
  const make: unknown =
    typeof module === "object" && module !== null ? Reflect.get(module, factory) : null;
  if (!isFactory(make))
    throw new IpczError(
      "ERR_IPCZ_NO_DRIVER",
      `${name} has no ${factory}; are all ipcz packages of one version?`,
    );
  return make(options);
}

function isFactory(value: unknown): value is Factory {
  return typeof value === "function";
}

function tryLoad(name: string, platform: string, load: Load): unknown {
  try {
    return load(name);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    // Something else that is missing is something the driver needs.
    const missing = /^Cannot find (?:module|package) '([^']*)'/.exec(why)?.[1];
    const advice =
      missing === name
        ? `the driver for ${platform} is not installed: npm install ${name}`
        : `the driver for ${platform} (${name}) cannot be loaded: ${why}`;
    throw new IpczError("ERR_IPCZ_NO_DRIVER", advice, { cause: error });
  }
}
