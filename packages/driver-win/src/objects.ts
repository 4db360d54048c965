/**
 * Everything a driver has given a handle to, by kind.
 */
import type { DriverObjects, MemoryMapping } from "@ipcz/driver-base";
import type { SharedMemory } from "./memory.ts";
import type { PlatformHandle } from "./platform-handle.ts";
import type { PipeTransport } from "./transport.ts";

/** What a driver handle can name. */
export type DriverObject = PipeTransport | SharedMemory | MemoryMapping | PlatformHandle;

/** The objects of one driver. */
export type ObjectTable = DriverObjects<DriverObject>;
