/**
 * Who there is to compare, without loading any of them.
 */
import { VARIANTS } from "./ipcz/variants.ts";

/** What the others are compared to. */
export const REFERENCE = "ipcz";

/** Variants that goals are set for; not measured while there are none of these names. */
export const FAST_LANE = "ipcz (fast lane)";
export const SPINNING = "ipcz (fast lane that spins)";

/** ipcz, once for each set of options. */
export const OUR_NAMES: readonly string[] = Object.keys(VARIANTS);

/** Who carries messages and nothing else is asked of; ipcz between threads is one of them, beside MessageChannel. */
export const RIVAL_NAMES = [
  "process.send (json)",
  "process.send (advanced)",
  "net",
  "MessageChannel",
  "ipcz (worker)",
  "ZeroMQ",
  "bare socket",
  "bare ring",
] as const;

export type RivalName = (typeof RIVAL_NAMES)[number];

/** By convention the C library; see README.md. */
export const NATIVE_NAME = "C ipcz";
