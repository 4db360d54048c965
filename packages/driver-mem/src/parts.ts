/** What the entries of one driver work with: its world's parts, and its own. */
import type { IpczContext, IpczDriverHandle } from "@ipcz/api";
import type { MemFaults } from "./faults.ts";
import type { MemBytes } from "./memory.ts";
import type { HandleTable, MemObject, OwnerId } from "./objects.ts";
import type { SeededRandom } from "./random.ts";
import { MemTransport, type MemNodeType, type TransportHost } from "./transport.ts";

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
  /** Transport ends made so far. */
  endCount: number;
}

/** One driver of a world. */
export interface DriverParts {
  readonly world: WorldParts;
  readonly id: OwnerId;
  readonly name: string;
  /** Its process has crashed: nothing works any more. */
  crashed: boolean;
  badActivity: MemBadActivity | null;
}

/** Ends an object that is in the table, whoever owns it. */
export function discard(table: HandleTable, object: MemObject): void {
  if (table.remove(object)) object.release();
}

/** The transport of this driver under `handle`, or null. */
export function findTransport(driver: DriverParts, handle: number): MemTransport | null {
  const object = driver.world.table.find(handle, driver.id);
  return object instanceof MemTransport ? object : null;
}

/** Whether a message may carry it: memory, and transports that were never activated. */
export function maySend(object: MemObject): boolean {
  return object instanceof MemTransport ? object.idle : object.kind === "memory";
}

/** Two connected transports, one for each driver (the same one, if need be). Null when the table is full. */
export function connectDrivers(
  driver0: DriverParts,
  driver1: DriverParts,
  type0: MemNodeType,
  type1: MemNodeType,
): [MemTransport, MemTransport] | null {
  const { world } = driver0;
  if (!world.table.hasRoom(2)) return null;
  const ends = MemTransport.pair(world.host, world.endCount, type0, type1);
  world.endCount += 2;
  world.table.add(ends[0], driver0.id);
  world.table.add(ends[1], driver1.id);
  return ends;
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
    if (!maySend(object)) allGood = false;
    table.take(object);
    objects.push(object);
  }
  return { objects, allGood };
}
