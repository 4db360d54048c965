/**
 * The functions of a native driver.
 */
import type { NativeCall } from "../border/table.ts";
import type { DRIVER_SIGNATURES } from "../c/functions.ts";

/** By name. */
export type NativeDriverCalls = Readonly<Record<keyof typeof DRIVER_SIGNATURES, NativeCall>>;
