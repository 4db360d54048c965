/**
 * Mapped memory, and unmapping that no stale view can feel.
 *
 * A view cannot be taken back (on Node 20 not even emptied). So the end of a mapping puts fresh private pages
 * over it, which lets the shared memory go at once and leaves a late reader with zeros; the addresses
 * themselves are given back when the last view has been collected.
 */
import type { Address } from "@ipcz/abi/ffi";
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
      forbidTransfer(buffer);
      this.mapped += memory.numBytes;
      return new MemoryMapping(this, { address, numBytes: memory.numBytes }, buffer);
    } catch {
      // More than this runtime can show in one piece, or no memory for the object that shows it.
      libc.munmap(address, memory.numBytes);
      return -errnos.ENOMEM;
    }
  }

  /** Ends a mapping whose bytes were lent as `buffer`. */
  retire(range: AddressRange, buffer: ArrayBuffer): void {
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

/** One mapping of a whole memory object. */
export class MemoryMapping {
  readonly kind = "mapping";
  private readonly mapper: Mapper;
  private readonly range: AddressRange;
  private buffer: ArrayBuffer | null;

  constructor(mapper: Mapper, range: AddressRange, buffer: ArrayBuffer) {
    this.mapper = mapper;
    this.range = range;
    this.buffer = buffer;
  }

  /** A view of the bytes; null once closed. */
  view(): Uint8Array | null {
    return this.buffer ? new Uint8Array(this.buffer) : null;
  }

  close(): void {
    const buffer = this.buffer;
    this.buffer = null;
    if (buffer) this.mapper.retire(this.range, buffer);
  }
}

/**
 * Moving the bytes to another ArrayBuffer would hide them from the collection we wait for (Node 22 and later).
 */
function forbidTransfer(buffer: ArrayBuffer): void {
  Object.defineProperties(buffer, {
    transfer: { value: refuseTransfer },
    transferToFixedLength: { value: refuseTransfer },
  });
}

function refuseTransfer(): never {
  throw new TypeError("mapped memory cannot be transferred");
}
