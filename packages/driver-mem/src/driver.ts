/**
 * One driver of a world: the 13 entries, and what a test may do with it.
 *
 * The entries are plain functions, not methods: they may be taken out of the object and called on their own.
 */
import {
  IPCZ_DRIVER_SIZE,
  IPCZ_RESULT_INVALID_ARGUMENT,
  IPCZ_RESULT_OK,
  type IpczDriverHandle,
} from "@ipcz/api";
import type { MemDriver, MemLiveObjects, MemUndelivered, MemWorld } from "./controls.ts";
import { memoryEntries } from "./memory-entries.ts";
import type { MemObject } from "./objects.ts";
import { discard, findTransport, type DriverParts } from "./parts.ts";
import { deserializeEntry, serializeEntry } from "./serialize.ts";
import { backlogEntries, transportEntries } from "./transport-entries.ts";
import { MemTransport, type MemNodeType } from "./transport.ts";

/** Connects two drivers of one world. */
export type Connect = (
  driver0: DriverParts,
  driver1: DriverParts,
  type0: MemNodeType,
  type1: MemNodeType,
) => [IpczDriverHandle, IpczDriverHandle];

/** Counts objects by kind. */
export function countObjects(objects: readonly MemObject[]): MemLiveObjects {
  const live: MemLiveObjects = { transports: 0, memories: 0, mappings: 0, envelopes: 0 };
  for (const { kind } of objects) {
    if (kind === "transport") live.transports++;
    else if (kind === "memory") live.memories++;
    else if (kind === "mapping") live.mappings++;
    else live.envelopes++;
  }
  return live;
}

function breakEnd(driver: DriverParts, end: MemTransport, undelivered: MemUndelivered): void {
  const waiting = end.waitingCount;
  if (undelivered === "keep") end.breakKeeping(waiting);
  else if (undelivered === "drop") end.breakKeeping(0);
  else end.breakKeeping(driver.world.faults.prefix(waiting));
}

function cut(driver: DriverParts, transport: number, undelivered: MemUndelivered): boolean {
  const end = findTransport(driver, transport);
  if (end === null) return false;
  breakEnd(driver, end, undelivered);
  breakEnd(driver, end.peer, undelivered);
  end.wake();
  end.peer.wake();
  return true;
}

function crash(driver: DriverParts, undelivered: MemUndelivered): void {
  const { table } = driver.world;
  driver.crashed = true;
  const objects = table.list(driver.id);
  // First everything falls silent here, then the others get to know.
  const lost: MemTransport[] = [];
  for (const object of objects) {
    if (!(object instanceof MemTransport)) continue;
    object.silence();
    lost.push(object.peer);
  }
  for (const peer of lost) breakEnd(driver, peer, undelivered);
  for (const object of objects) discard(table, object);
  for (const peer of lost) peer.wake();
}

/** Makes a driver. Worlds do; see `memWorld`. */
export function createDriver(parts: DriverParts, world: MemWorld, connect: Connect): MemDriver {
  const { table } = parts.world;
  return {
    size: IPCZ_DRIVER_SIZE,
    Close(handle) {
      const object = table.find(handle, parts.id);
      if (object === null) return IPCZ_RESULT_INVALID_ARGUMENT;
      discard(table, object);
      return IPCZ_RESULT_OK;
    },
    Serialize: serializeEntry(parts),
    Deserialize: deserializeEntry(parts),
    ...transportEntries(parts),
    backlog: backlogEntries(parts),
    ...memoryEntries(parts),
    id: parts.id,
    name: parts.name,
    world,
    createTransports: (type0, type1) => connect(parts, parts, type0, type1),
    cut: (transport, undelivered = "drop") => cut(parts, transport, undelivered),
    crash: (undelivered = "prefix") => crash(parts, undelivered),
    onBadActivity(callback) {
      parts.badActivity = callback;
    },
    liveObjects: () => countObjects(table.list(parts.id)),
  };
}
