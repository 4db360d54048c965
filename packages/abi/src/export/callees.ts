/**
 * Functions as native code calls them.
 */
import type { API_SIGNATURES, DRIVER_SIGNATURES } from "../c/functions.ts";

/** By name; what native code passes is numbers. */
type Callees<K extends string> = Record<K, (...facts: never[]) => number>;

/** Of a table. */
export type ApiCallees = Callees<keyof typeof API_SIGNATURES>;
/** Of a driver. */
export type DriverCallees = Callees<keyof typeof DRIVER_SIGNATURES>;
