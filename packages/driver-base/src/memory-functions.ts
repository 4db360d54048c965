/**
 * A driver's functions about memory and randomness, as `IpczDriver` has them, over what its system has.
 */
import { randomFillSync } from "node:crypto";
import {
  IPCZ_RESULT_INVALID_ARGUMENT,
  IPCZ_RESULT_OK,
  IPCZ_RESULT_RESOURCE_EXHAUSTED,
  IPCZ_SHARED_MEMORY_INFO_SIZE,
  type IpczDriver,
  type IpczDriverHandle,
  type IpczResult,
} from "@ipcz/api";
import type { MemoryMapping } from "./memory-mapping.ts";

/** Those of a driver's functions. */
export type MemoryFunctions = Pick<
  IpczDriver,
  | "AllocateSharedMemory"
  | "GetSharedMemoryInfo"
  | "DuplicateSharedMemory"
  | "MapSharedMemory"
  | "GenerateRandomBytes"
>;

/** A share of a memory object. */
export interface MemoryShare<Self> {
  readonly numBytes: number;
  /** A second share; null when the system has no more to give. */
  duplicate(): Self | null;
}

/** What a driver has for its functions about memory. A failure is a number below 0, as its system says it. */
export interface MemoryParts<Memory extends MemoryShare<Memory>> {
  /** Largest memory that can be described to a peer. */
  readonly memoryBytesMax: number;
  /** The memory that a handle names; null for any other number. */
  memory(handle: IpczDriverHandle): Memory | null;
  /** Gives an object a handle. */
  add(object: Memory | MemoryMapping): IpczDriverHandle;
  /** Makes so many zero bytes. */
  create(numBytes: number): Memory | number;
  /** Maps all of it. */
  map(memory: Memory): MemoryMapping | number;
  /** The result for a failure. */
  resultOf(failure: number): IpczResult;
}

/** The functions over one driver's parts. */
export function memoryFunctions<Memory extends MemoryShare<Memory>>(
  parts: MemoryParts<Memory>,
): MemoryFunctions {
  return {
    AllocateSharedMemory: (numBytes, _flags, _options, out) => {
      if (!Number.isInteger(numBytes) || numBytes <= 0) return IPCZ_RESULT_INVALID_ARGUMENT;
      if (numBytes > parts.memoryBytesMax) return IPCZ_RESULT_RESOURCE_EXHAUSTED;
      const memory = parts.create(numBytes);
      if (typeof memory === "number") return parts.resultOf(memory);
      out.value = parts.add(memory);
      return IPCZ_RESULT_OK;
    },
    GetSharedMemoryInfo: (handle, _flags, _options, info) => {
      const memory = parts.memory(handle);
      if (!memory || info.size < IPCZ_SHARED_MEMORY_INFO_SIZE) return IPCZ_RESULT_INVALID_ARGUMENT;
      info.regionNumBytes = memory.numBytes;
      return IPCZ_RESULT_OK;
    },
    DuplicateSharedMemory: (handle, _flags, _options, out) => {
      const memory = parts.memory(handle);
      if (!memory) return IPCZ_RESULT_INVALID_ARGUMENT;
      const copy = memory.duplicate();
      if (!copy) return IPCZ_RESULT_RESOURCE_EXHAUSTED;
      out.value = parts.add(copy);
      return IPCZ_RESULT_OK;
    },
    MapSharedMemory: (handle, _flags, _options, address, out) => {
      const memory = parts.memory(handle);
      if (!memory) return IPCZ_RESULT_INVALID_ARGUMENT;
      const mapping = parts.map(memory);
      if (typeof mapping === "number") return parts.resultOf(mapping);
      address.value = mapping.view() ?? new Uint8Array(0);
      out.value = parts.add(mapping);
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
