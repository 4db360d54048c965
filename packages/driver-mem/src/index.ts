/** The in-process driver: every public name, listed one by one. */
import type { MemDriver, MemWorldOptions } from "./controls.ts";
import { memWorld } from "./world.ts";

export type {
  MemDelivery,
  MemDriver,
  MemLiveObjects,
  MemSchedule,
  MemUndelivered,
  MemWorld,
  MemWorldOptions,
} from "./controls.ts";
export type { MemCall, MemDelay, MemFaults, MemOperation, MemRefusal, Refused } from "./faults.ts";
export type { MemBytes } from "./memory.ts";
export type { MemBadActivity } from "./parts.ts";
export type { MemNotification } from "./transport-end.ts";
export type { MemNodeType } from "./transport.ts";
export { SeededRandom } from "./random.ts";
export { memWorld } from "./world.ts";

/** One driver in a world of its own, which is its {@link MemDriver.world}. */
export function memDriver(options: MemWorldOptions & { readonly name?: string } = {}): MemDriver {
  return memWorld(options).driver(options.name ?? "mem");
}
