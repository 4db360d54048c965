/**
 * Everything a driver has given a handle to, by kind.
 */
import type { IpczDriverHandle } from "@ipcz/api";
import { DriverObjects, type MemoryMapping } from "@ipcz/driver-base";
import { CarriedDescriptor } from "./carried-descriptor.ts";
import type { DataPipeEnd } from "./data-pipe.ts";
import { closeAll, type Descriptor } from "./fd.ts";
import type { SharedMemory } from "./memory.ts";
import type { SocketTransport } from "./transport.ts";

/** What a driver handle can name. */
export type DriverObject =
  SocketTransport | SharedMemory | MemoryMapping | CarriedDescriptor | DataPipeEnd;

/** Whether an object is one descriptor. */
export function hasDescriptor(
  object: DriverObject,
): object is Exclude<DriverObject, MemoryMapping | DataPipeEnd> {
  return object.kind !== "mapping" && object.kind !== "data-pipe";
}

/** The objects of one driver. */
export class ObjectTable extends DriverObjects<DriverObject> {
  /** Gives handles to received descriptors; takes these. */
  nameDescriptors(descriptors: readonly Descriptor[]): IpczDriverHandle[] {
    return descriptors.map((descriptor) => this.add(new CarriedDescriptor(descriptor)));
  }

  /**
   * Ends `count` handles and takes the descriptors they name. If any does not name one, all are closed and it
   * is null.
   */
  takeDescriptors(
    handles: readonly IpczDriverHandle[] | null,
    count: number,
  ): readonly Descriptor[] | null {
    const taken: Descriptor[] = [];
    let complete = true;
    for (let index = 0; index < count; index++) {
      const object = this.take(handles?.[index] ?? 0);
      if (object?.kind === "descriptor") taken.push(object.surrender());
      else {
        object?.close();
        complete = false;
      }
    }
    if (complete) return taken;
    closeAll(taken);
    return null;
  }
}
