/**
 * Everything a driver has given a handle to, by kind.
 */
import { HandleTable, type MemoryMapping } from "@ipcz/driver-base";
import type { SharedMemory } from "./memory.ts";
import type { PlatformHandle } from "./platform-handle.ts";
import type { PipeTransport } from "./transport.ts";

/** What a driver handle can name. */
export type DriverObject = PipeTransport | SharedMemory | MemoryMapping | PlatformHandle;

/** The objects of one driver. */
export class ObjectTable extends HandleTable<DriverObject> {
  transport(handle: number): PipeTransport | null {
    const object = this.get(handle);
    return object?.kind === "transport" ? object : null;
  }

  memory(handle: number): SharedMemory | null {
    const object = this.get(handle);
    return object?.kind === "memory" ? object : null;
  }

  /** How many objects of a kind there are. */
  countOf(kind: DriverObject["kind"]): number {
    let count = 0;
    for (const [, object] of this.entries()) if (object.kind === kind) count++;
    return count;
  }
}
