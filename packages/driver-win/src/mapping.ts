/**
 * Mapped memory, and unmapping that no stale view can feel.
 *
 * A view cannot be taken back, and Windows has no call that puts other pages over mapped ones in one step. So a mapping
 * that ended stays where it is until its last view has been collected: a late reader sees what its memory was, and
 * never memory of anybody else.
 */
import { MemoryMapping } from "@ipcz/driver-base";
import type { SharedMemory } from "./memory.ts";
import type { MappedView, WinSystem } from "./system.ts";

/** Makes mappings, and ends them; one per driver. */
export class Mapper {
  private readonly system: WinSystem;
  private readonly collected: FinalizationRegistry<MappedView["unmap"]>;
  private retiredCount = 0;
  private mapped = 0;

  constructor(system: WinSystem) {
    this.system = system;
    this.collected = new FinalizationRegistry((unmap) => {
      this.retiredCount--;
      unmap();
    });
  }

  /** Ended mappings that wait for the collection of their views. */
  get retired(): number {
    return this.retiredCount;
  }

  /** Bytes of shared memory that are mapped, those of ended mappings not among them. */
  get mappedBytes(): number {
    return this.mapped;
  }

  /** Maps all of `memory`; a number below 0 is the negative of the system's error. */
  map(memory: SharedMemory): MemoryMapping | number {
    // Writing to a read-only mapping would end the process. In a private one it has no effect on others.
    const mode = memory.access === "read-only" ? "copy" : "shared";
    const view = this.system.mapSection(memory.handle.value, memory.numBytes, mode);
    if (typeof view === "number") return view;
    const { buffer, unmap } = view;
    const { numBytes } = memory;
    this.mapped += numBytes;
    return new MemoryMapping(buffer, (retired) => {
      this.mapped -= numBytes;
      this.retire(retired, unmap);
    });
  }

  private retire(buffer: ArrayBuffer, unmap: () => void): void {
    this.retiredCount++;
    this.collected.register(buffer, unmap);
  }
}
