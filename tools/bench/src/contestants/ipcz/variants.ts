/**
 * The ways ipcz is measured in: one for each set of driver options that makes a difference to speed.
 */
import type { PosixDriverOptions } from "@ipcz/driver-posix";

export const VARIANTS: Readonly<Record<string, PosixDriverOptions>> = {
  ipcz: {},
  "ipcz (fast lane)": { lanes: true },
  "ipcz (fast lane that spins)": { lanes: { spinMicros: 50 } },
};

/** Throws when there is no such variant. */
export function optionsOf(variant: string): PosixDriverOptions {
  const options = VARIANTS[variant];
  if (!options) throw new Error(`ipcz is not measured as "${variant}"`);
  return options;
}
