/**
 * The driver's functions about memory, over sections.
 */
import type { IpczResult } from "@ipcz/api";
import { memoryFunctions as functionsOver, type MemoryFunctions } from "@ipcz/driver-base";
import { memoryBytesMax } from "@ipcz/mojo-codec";
import { createMemory, type SharedMemory } from "./memory.ts";
import { resultOf } from "./os-error.ts";
import type { DriverParts } from "./parts.ts";

/** The functions over one driver's parts. */
export function memoryFunctions({ mapper, objects, system }: DriverParts): MemoryFunctions {
  return functionsOver<SharedMemory>({
    memoryBytesMax,
    memory: (handle) => objects.memory(handle),
    add: (object) => objects.add(object),
    create: (numBytes) => orResult(createMemory(system, numBytes)),
    map: (memory) => orResult(mapper.map(memory)),
  });
}

/** What was made, or the result for the system's answer. */
function orResult<Made extends object>(made: Made | number): Made | IpczResult {
  return typeof made === "number" ? resultOf(made) : made;
}
