/**
 * The 13 entries of a driver, whatever its transports are.
 *
 * The entries are plain functions, not methods: they may be taken out of the object and called on their own.
 */
import {
  IPCZ_DRIVER_SIZE,
  IPCZ_RESULT_INVALID_ARGUMENT,
  IPCZ_RESULT_OK,
  type IpczDriver,
  type IpczDriverBacklog,
} from "@ipcz/api";
import type { MemLiveObjects } from "./controls.ts";
import { memoryEntries } from "./memory-entries.ts";
import { discard, type MemObject } from "./objects.ts";
import type { DriverParts } from "./parts.ts";
import { deserializeEntry, serializeEntry } from "./serialize.ts";
import { backlogEntries, transportEntries } from "./transport-entries.ts";

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

/** All entries of one driver. */
export function driverEntries(
  parts: DriverParts,
): IpczDriver & { readonly backlog: IpczDriverBacklog } {
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
  };
}
