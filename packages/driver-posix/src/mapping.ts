/**
 * Mapped memory, and unmapping that no stale view can feel.
 *
 * A view cannot be taken back (on Node 20 not even emptied). So the end of a mapping puts fresh private pages
 * over it, which lets the shared memory go at once and leaves a late reader with zeros; the addresses
 * themselves are given back when the last view has been collected.
 */
import type { Address } from "@ipcz/abi/ffi";
import { MemoryMapping } from "@ipcz/driver-base";
import type { SharedMemory } from "./memory.ts";
import { errnos } from "./os-error.ts";
import type { System } from "./system.ts";

interface AddressRange {
  readonly address: Address;
  readonly numBytes: number;
}

/** Makes mappings, and ends them; one per driver. */
export class Mapper {
  private readonly system: System;
  private readonly collected: FinalizationRegistry<AddressRange>;
  private retiredCount = 0;
  private mapped = 0;

  constructor(system: System) {
    this.system = system;
    this.collected = new FinalizationRegistry((range) => {
      this.retiredCount--;
      system.libc.munmap(range.address, range.numBytes);
    });
  }

  /** Ended mappings whose addresses wait for the collection of their views. */
  get retired(): number {
    return this.retiredCount;
  }

  /** Bytes of shared memory that are mapped. */
  get mappedBytes(): number {
    return this.mapped;
  }

  /** Maps all of `memory`; a number below 0 is the negative of `errno`. */
  map(memory: SharedMemory): MemoryMapping | number {
    const { foreign, libc, platform } = this.system;
    const { readWrite, shared, private: copied } = platform.map;
    // Writing to a read-only mapping would end the process. In a private one it stays without effect on others, and
    // pages that are not written to show what others write.
    const sharing = memory.access === "read-only" ? copied : shared;
    const address = libc.mmap(0n, memory.numBytes, readWrite, sharing, memory.descriptor);
    if (address < 0n) return Number(address);
    try {
      const buffer = foreign.view(address, memory.numBytes);
      const range = { address, numBytes: memory.numBytes };
      const mapping = new MemoryMapping(buffer, (retired) => this.retire(range, retired));
      this.mapped += memory.numBytes;
      return mapping;
    } catch {
      // More than this runtime can show in one piece, or no memory for the object that shows it.
      libc.munmap(address, memory.numBytes);
      return -errnos.ENOMEM;
    }
  }

  /** Ends a mapping whose bytes were lent as `buffer`. */
  private retire(range: AddressRange, buffer: ArrayBuffer): void {
    const { libc, platform } = this.system;
    const { readWrite, overlay } = platform.map;
    // Should this fail for want of memory, the shared bytes stay mapped until the views are collected: late,
    // not unsafe.
    libc.mmap(range.address, range.numBytes, readWrite, overlay, -1);
    this.retiredCount++;
    this.mapped -= range.numBytes;
    this.collected.register(buffer, range);
  }
}
