/** The driver's entries about memory, and its random bytes. */
import {
  IPCZ_INVALID_DRIVER_HANDLE as NO_HANDLE,
  IPCZ_RESULT_INVALID_ARGUMENT,
  IPCZ_RESULT_OK,
  IPCZ_RESULT_RESOURCE_EXHAUSTED,
  IPCZ_RESULT_UNAVAILABLE,
  IPCZ_SHARED_MEMORY_INFO_SIZE,
  type IpczDriver,
} from "@ipcz/api";
import { MemMapping } from "./mapping.ts";
import { MemMemory, Region } from "./memory.ts";
import type { DriverParts } from "./parts.ts";

/** The entries made here. */
export type MemoryEntries = Pick<
  IpczDriver,
  | "AllocateSharedMemory"
  | "GetSharedMemoryInfo"
  | "DuplicateSharedMemory"
  | "MapSharedMemory"
  | "GenerateRandomBytes"
>;

/** Most bytes the host gives at once. */
const RANDOM_BYTES_MAX = 65_536;

function findMemory(driver: DriverParts, handle: number): MemMemory | null {
  const object = driver.world.table.find(handle, driver.id);
  return object instanceof MemMemory ? object : null;
}

function allocate(driver: DriverParts): IpczDriver["AllocateSharedMemory"] {
  const { table, faults, bytes, sharedMemory } = driver.world;
  return (numBytes, _flags, _options, driverMemory) => {
    if (driver.crashed) return IPCZ_RESULT_UNAVAILABLE;
    if (!Number.isSafeInteger(numBytes) || numBytes <= 0) return IPCZ_RESULT_INVALID_ARGUMENT;
    const refused = faults.resultOf("AllocateSharedMemory", driver.name, NO_HANDLE, numBytes);
    if (refused !== IPCZ_RESULT_OK) return refused;
    if (!table.hasRoom(1)) return IPCZ_RESULT_RESOURCE_EXHAUSTED;
    const region = Region.allocate(numBytes, sharedMemory, bytes);
    if (region === null) return IPCZ_RESULT_RESOURCE_EXHAUSTED;
    driverMemory.value = table.add(new MemMemory(region), driver.id);
    return IPCZ_RESULT_OK;
  };
}

/** Host's random bytes, in pieces it accepts; they go through a buffer of ours since it refuses shared ones. */
function fillFromHost(buffer: Uint8Array, byteCount: number): void {
  const piece = new Uint8Array(Math.min(byteCount, RANDOM_BYTES_MAX));
  for (let at = 0; at < byteCount; at += piece.length) {
    const part = piece.subarray(0, Math.min(piece.length, byteCount - at));
    globalThis.crypto.getRandomValues(part);
    buffer.set(part, at);
  }
}

function generateRandomBytes(driver: DriverParts): IpczDriver["GenerateRandomBytes"] {
  return (numBytes, _flags, _options, buffer) => {
    if (driver.crashed) return IPCZ_RESULT_UNAVAILABLE;
    if (!Number.isSafeInteger(numBytes) || numBytes < 0 || numBytes > buffer.length)
      return IPCZ_RESULT_INVALID_ARGUMENT;
    const { bytesRandom } = driver.world;
    if (bytesRandom === null) fillFromHost(buffer, numBytes);
    else bytesRandom.fill(buffer, numBytes);
    return IPCZ_RESULT_OK;
  };
}

/** The memory entries of one driver. */
export function memoryEntries(driver: DriverParts): MemoryEntries {
  const { table, faults } = driver.world;
  return {
    AllocateSharedMemory: allocate(driver),

    GetSharedMemoryInfo(driverMemory, _flags, _options, info) {
      const memory = findMemory(driver, driverMemory);
      if (memory === null || info.size < IPCZ_SHARED_MEMORY_INFO_SIZE)
        return IPCZ_RESULT_INVALID_ARGUMENT;
      const refused = faults.resultOf("GetSharedMemoryInfo", driver.name, driverMemory, 0);
      if (refused !== IPCZ_RESULT_OK) return refused;
      info.regionNumBytes = memory.region.buffer.byteLength;
      return IPCZ_RESULT_OK;
    },

    DuplicateSharedMemory(driverMemory, _flags, _options, newDriverMemory) {
      const memory = findMemory(driver, driverMemory);
      if (memory === null) return IPCZ_RESULT_INVALID_ARGUMENT;
      const refused = faults.resultOf("DuplicateSharedMemory", driver.name, driverMemory, 0);
      if (refused !== IPCZ_RESULT_OK) return refused;
      if (!table.hasRoom(1)) return IPCZ_RESULT_RESOURCE_EXHAUSTED;
      newDriverMemory.value = table.add(new MemMemory(memory.region), driver.id);
      return IPCZ_RESULT_OK;
    },

    MapSharedMemory(driverMemory, _flags, _options, address, driverMapping) {
      const memory = findMemory(driver, driverMemory);
      if (memory === null) return IPCZ_RESULT_INVALID_ARGUMENT;
      const refused = faults.resultOf("MapSharedMemory", driver.name, driverMemory, 0);
      if (refused !== IPCZ_RESULT_OK) return refused;
      if (!table.hasRoom(1)) return IPCZ_RESULT_RESOURCE_EXHAUSTED;
      const mapping = new MemMapping(memory.region);
      address.value = mapping.view();
      driverMapping.value = table.add(mapping, driver.id);
      return IPCZ_RESULT_OK;
    },

    GenerateRandomBytes: generateRandomBytes(driver),
  };
}
