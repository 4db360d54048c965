/**
 * Shared memory: a descriptor of an object that has no name and never shrinks, and its size.
 */
import { fstatSync } from "node:fs";
import { Descriptor } from "./fd.ts";
import type { System } from "./system.ts";

/** One handle's share in a memory object. */
export class SharedMemory {
  readonly kind = "memory";
  readonly numBytes: number;
  private readonly system: System;
  private readonly memory: Descriptor;

  /** Takes the descriptor of an object that has at least `numBytes` bytes. */
  constructor(system: System, memory: Descriptor, numBytes: number) {
    this.system = system;
    this.memory = memory;
    this.numBytes = numBytes;
  }

  get descriptor(): number {
    return this.memory.number;
  }

  /** A second share; null when the system has no more descriptors. */
  duplicate(): SharedMemory | null {
    const { libc, platform } = this.system;
    const copy = platform.duplicate(this.memory.number);
    return copy < 0
      ? null
      : new SharedMemory(this.system, new Descriptor(libc, copy), this.numBytes);
  }

  /** Gives the descriptor away. */
  surrender(): Descriptor {
    return this.memory;
  }

  close(): void {
    this.memory.close();
  }
}

/** Makes `numBytes` zero bytes of shared memory; a number below 0 is the negative of `errno`. */
export function createMemory(system: System, numBytes: number): SharedMemory | number {
  const descriptor = system.platform.createMemory(numBytes);
  if (descriptor < 0) return descriptor;
  return new SharedMemory(system, new Descriptor(system.libc, descriptor), numBytes);
}

/**
 * Memory from a stranger's descriptor, who says it has `numBytes` bytes. Null, and the descriptor closed, when
 * it has fewer or could be made smaller later: touching bytes that are gone kills the process.
 */
export function acceptMemory(
  system: System,
  descriptor: Descriptor,
  numBytes: number,
): SharedMemory | null {
  // The size is asked for last: only from then on it cannot fall.
  const trusted = system.platform.acceptMemory(descriptor.number);
  if (trusted && fstatSync(descriptor.number).size >= numBytes) {
    return new SharedMemory(system, descriptor, numBytes);
  }
  descriptor.close();
  return null;
}
