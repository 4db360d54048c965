/**
 * The driver's functions about memory, over memory in files.
 */
import { memoryFunctions as functionsOver, type MemoryFunctions } from "@ipcz/driver-base";
import { createMemory, type SharedMemory } from "./memory.ts";
import { resultOf } from "./os-error.ts";
import type { DriverParts } from "./parts.ts";

/** The functions over one driver's parts. */
export function memoryFunctions({ codec, mapper, objects, system }: DriverParts): MemoryFunctions {
  return functionsOver<SharedMemory>({
    memoryBytesMax: codec.memoryBytesMax,
    memory: (handle) => objects.memory(handle),
    add: (object) => objects.add(object),
    create: (numBytes) => createMemory(system, numBytes),
    map: (memory) => mapper.map(memory),
    resultOf,
  });
}
