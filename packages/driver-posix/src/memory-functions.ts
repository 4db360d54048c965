/**
 * The driver's functions about memory and randomness, as `IpczDriver` has them.
 */
import { randomFillSync } from "node:crypto";
import {
  IPCZ_RESULT_INVALID_ARGUMENT,
  IPCZ_RESULT_OK,
  IPCZ_RESULT_RESOURCE_EXHAUSTED,
  IPCZ_SHARED_MEMORY_INFO_SIZE,
  type IpczDriver,
} from "@ipcz/api";
import { createMemory } from "./memory.ts";
import { resultOf } from "./os-error.ts";
import type { DriverParts } from "./parts.ts";

type MemoryFunctions = Pick<
  IpczDriver,
  | "AllocateSharedMemory"
  | "GetSharedMemoryInfo"
  | "DuplicateSharedMemory"
  | "MapSharedMemory"
  | "GenerateRandomBytes"
>;

/** The functions over one driver's parts. */
export function memoryFunctions(parts: DriverParts): MemoryFunctions {
  const { objects } = parts;
  return {
    AllocateSharedMemory: (numBytes, _flags, _options, out) => {
      if (!Number.isInteger(numBytes) || numBytes <= 0) return IPCZ_RESULT_INVALID_ARGUMENT;
      if (numBytes > parts.codec.memoryBytesMax) return IPCZ_RESULT_RESOURCE_EXHAUSTED;
      const memory = createMemory(parts.system, numBytes);
      if (typeof memory === "number") return resultOf(memory);
      out.value = objects.add(memory);
      return IPCZ_RESULT_OK;
    },
    GetSharedMemoryInfo: (handle, _flags, _options, info) => {
      const memory = objects.memory(handle);
      if (!memory || info.size < IPCZ_SHARED_MEMORY_INFO_SIZE) return IPCZ_RESULT_INVALID_ARGUMENT;
      info.regionNumBytes = memory.numBytes;
      return IPCZ_RESULT_OK;
    },
    DuplicateSharedMemory: (handle, _flags, _options, out) => {
      const memory = objects.memory(handle);
      if (!memory) return IPCZ_RESULT_INVALID_ARGUMENT;
      const copy = memory.duplicate();
      if (!copy) return IPCZ_RESULT_RESOURCE_EXHAUSTED;
      out.value = objects.add(copy);
      return IPCZ_RESULT_OK;
    },
    MapSharedMemory: (handle, _flags, _options, address, out) => {
      const memory = objects.memory(handle);
      if (!memory) return IPCZ_RESULT_INVALID_ARGUMENT;
      const mapping = parts.mapper.map(memory);
      if (typeof mapping === "number") return resultOf(mapping);
      address.value = mapping.view() ?? new Uint8Array(0);
      out.value = objects.add(mapping);
      return IPCZ_RESULT_OK;
    },
    GenerateRandomBytes: (numBytes, _flags, _options, buffer) => {
      const isRange = Number.isInteger(numBytes) && numBytes >= 0 && numBytes <= buffer.length;
      if (!isRange) return IPCZ_RESULT_INVALID_ARGUMENT;
      randomFillSync(buffer, 0, numBytes);
      return IPCZ_RESULT_OK;
    },
  };
}
