/**
 * Shared memory: a descriptor of an object that has no name in the file system and never shrinks, and its size.
 *
 * Other implementations know who may write to it, and a name for it (a GUID) that all its shares have in common. Memory
 * made here is writable for all who get it.
 */
import { randomBytes } from "node:crypto";
import { fstatSync } from "node:fs";
import type { MemoryAccess, MemoryDescription } from "@ipcz/mojo-codec";
import { closeAll, Descriptor } from "./fd.ts";
import type { System } from "./system.ts";

const guidBytes = 16;

/** One handle's share in a memory object. */
export class SharedMemory implements MemoryDescription {
  readonly kind = "memory";
  readonly numBytes: number;
  readonly access: MemoryAccess;
  private readonly system: System;
  /** The second is there when access is `writable`: it can only be read through. */
  private readonly descriptors: readonly Descriptor[];
  private knownGuid: Uint8Array | null;

  /** Takes the descriptors of an object that has at least as many bytes as `facts` say. */
  constructor(
    system: System,
    descriptors: readonly Descriptor[],
    { numBytes, access, guid }: Omit<MemoryDescription, "kind">,
  ) {
    this.system = system;
    this.descriptors = descriptors;
    this.numBytes = numBytes;
    this.access = access;
    this.knownGuid = guid;
  }

  get descriptor(): number {
    return this.first.number;
  }

  /** What all shares of this memory have in common. */
  get guid(): Uint8Array {
    this.knownGuid ??= new Uint8Array(randomBytes(guidBytes));
    return this.knownGuid;
  }

  /** A second share; null when the system has no more descriptors. */
  duplicate(): SharedMemory | null {
    const { libc, platform } = this.system;
    const copies: Descriptor[] = [];
    for (const { number } of this.descriptors) {
      const copy = platform.duplicate(number);
      if (copy < 0) {
        closeAll(copies);
        return null;
      }
      copies.push(new Descriptor(libc, copy));
    }
    return new SharedMemory(this.system, copies, this);
  }

  /** Gives the descriptor away, when there is but one; null and unchanged otherwise. */
  surrender(): Descriptor | null {
    return this.descriptors.length === 1 ? this.first : null;
  }

  /** Gives all descriptors away. */
  surrenderAll(): readonly Descriptor[] {
    return this.descriptors;
  }

  close(): void {
    closeAll(this.descriptors);
  }

  private get first(): Descriptor {
    return this.descriptors[0] as Descriptor;
  }
}

/** Makes `numBytes` zero bytes of shared memory; a number below 0 is the negative of `errno`. */
export function createMemory(system: System, numBytes: number): SharedMemory | number {
  const descriptor = system.platform.createMemory(numBytes);
  if (descriptor < 0) return descriptor;
  const facts = { numBytes, access: "unsafe", guid: null } as const;
  return new SharedMemory(system, [new Descriptor(system.libc, descriptor)], facts);
}

/** The same as {@link acceptMemory} for memory that everyone may write to, of which only the size is said. */
export function acceptPlainMemory(
  system: System,
  descriptor: Descriptor,
  numBytes: number,
): SharedMemory | null {
  return acceptMemory(system, [descriptor], { numBytes, access: "unsafe", guid: null });
}

/**
 * Memory from a stranger's descriptors, who says what it is. Null, and the descriptors closed, when it has fewer bytes
 * or could be made smaller later (touching bytes that are gone kills the process), when the descriptors allow more or
 * less than they should, or when there are too few or too many of them.
 */
export function acceptMemory(
  system: System,
  descriptors: readonly Descriptor[],
  facts: Omit<MemoryDescription, "kind">,
): SharedMemory | null {
  if (areMemory(system, descriptors, facts)) return new SharedMemory(system, descriptors, facts);
  closeAll(descriptors);
  return null;
}

function areMemory(
  { platform }: System,
  descriptors: readonly Descriptor[],
  { access, numBytes }: Omit<MemoryDescription, "kind">,
): boolean {
  const modes = accessModes[access];
  if (descriptors.length !== modes.length) return false;
  return descriptors.every(
    // The size is asked for last: only from then on it cannot fall.
    ({ number }, index) =>
      platform.acceptMemory(number, modes[index] === "read") && fstatSync(number).size >= numBytes,
  );
}

/** What each descriptor of memory allows. */
const accessModes = {
  "read-only": ["read"],
  writable: ["write", "read"],
  unsafe: ["write"],
} as const satisfies Record<MemoryAccess, readonly ("read" | "write")[]>;
