/** What the entries of one driver work with: its world's parts, and its own. */
import type { IpczContext, IpczDriverHandle } from "@ipcz/api";
import type { MemFaults } from "./faults.ts";
import type { MemBytes } from "./memory.ts";
import type { HandleTable, MemObject, OwnerId } from "./objects.ts";
import type { SeededRandom } from "./random.ts";
import { TransportEnd, type TransportHost } from "./transport-end.ts";

/** Called for `ReportBadTransportActivity`. */
export type MemBadActivity = (transport: IpczDriverHandle, context: IpczContext) => void;

/** Shared by all drivers of a world. */
export interface WorldParts {
  readonly table: HandleTable;
  readonly faults: MemFaults;
  readonly host: TransportHost;
  readonly bytes: MemBytes;
  /** Null: random bytes are the host's own, fit for secrets. */
  readonly bytesRandom: SeededRandom | null;
  readonly forceRelay: boolean;
  /** How many bytes an object takes when it is serialized. */
  readonly objectBytes: number;
  readonly sharedMemory: boolean;
}

/** One driver of a world. */
export interface DriverParts {
  readonly world: WorldParts;
  readonly id: OwnerId;
  readonly name: string;
  /** Its process has crashed: nothing works any more. */
  crashed: boolean;
  badActivity: MemBadActivity | null;
  /** Two connected ends, owned by this driver, for the nodes behind two others. Null when the table is full. */
  readonly connect: (
    context0: TransportEnd | null,
    context1: TransportEnd | null,
  ) => [TransportEnd, TransportEnd] | null;
}

/** The transport of this driver under `handle`, or null. */
export function findTransport(driver: DriverParts, handle: number): TransportEnd | null {
  const object = driver.world.table.find(handle, driver.id);
  return object instanceof TransportEnd ? object : null;
}

/** Objects taken out of a list of handles, and whether every handle named one that may travel. */
export interface TakenObjects {
  readonly objects: MemObject[];
  readonly allGood: boolean;
}

/**
 * Takes the objects of `handles` from their owner, good or bad: a list that is handed over is gone, whatever becomes
 * of the call. The caller sends or discards them.
 */
export function takeObjects(
  driver: DriverParts,
  handles: readonly IpczDriverHandle[] | null,
  count: number,
): TakenObjects {
  const { table } = driver.world;
  const objects: MemObject[] = [];
  const listed = handles ?? [];
  let allGood = listed.length >= count;
  for (let i = 0; i < count && i < listed.length; i++) {
    const object = table.find(listed[i] ?? 0, driver.id);
    if (object === null) {
      allGood = false;
      continue;
    }
    if (!object.travels) allGood = false;
    table.take(object);
    objects.push(object);
  }
  return { objects, allGood };
}
