/** The driver between threads: every public name, listed one by one. */
export type { MemLiveObjects } from "../controls.ts";
export type { MemCall, MemOperation, MemRefusal } from "../faults.ts";
export type { MemBadActivity } from "../parts.ts";
export { workerDriver } from "./driver.ts";
export type { WorkerDriver, WorkerDriverOptions, WorkerSeat, WorkerSeatOffer } from "./driver.ts";
export type { Side } from "./gauge.ts";
export type { NativePort } from "./port.ts";
