/**
 * Shared memory: a section without a file, and what is known of it. Memory made here is writable for all who get it.
 */
import { randomBytes } from "node:crypto";
import type { MemoryAccess, MemoryDescription } from "@ipcz/mojo-codec";
import { WinHandle } from "./handle.ts";
import type { SectionFacts, WinSystem } from "./system.ts";

const guidBytes = 16;

/** One handle's share in a section. */
export class SharedMemory implements MemoryDescription {
  readonly kind = "memory";
  readonly numBytes: number;
  readonly access: MemoryAccess;
  readonly handle: WinHandle;
  private knownGuid: Uint8Array | null;

  /** Takes the handle of a section that has at least as many bytes as `facts` say. */
  constructor(handle: WinHandle, { numBytes, access, guid }: Omit<MemoryDescription, "kind">) {
    this.handle = handle;
    this.numBytes = numBytes;
    this.access = access;
    this.knownGuid = guid;
  }

  /** What all shares of this memory have in common. */
  get guid(): Uint8Array {
    this.knownGuid ??= new Uint8Array(randomBytes(guidBytes));
    return this.knownGuid;
  }

  /** A second share; null when the system has no more handles. */
  duplicate(): SharedMemory | null {
    const copy = this.handle.duplicate();
    return copy && new SharedMemory(copy, this);
  }

  close(): void {
    this.handle.close();
  }
}

/** Makes `numBytes` zero bytes of shared memory; a number below 0 is the negative of the system's error. */
export function createMemory(system: WinSystem, numBytes: number): SharedMemory | number {
  const section = system.createSection(numBytes);
  if (section < 0) return section;
  return new SharedMemory(new WinHandle(system, section), {
    numBytes,
    access: "unsafe",
    guid: null,
  });
}

/**
 * Memory from a stranger's handle, who says what it is; takes the handle if it is. Null for what is no section, has
 * fewer bytes, could have none behind an address (a file, memory that is only reserved), or allows something else.
 */
export function acceptMemory(
  system: WinSystem,
  handle: WinHandle,
  facts: Omit<MemoryDescription, "kind">,
): SharedMemory | null {
  const found = system.sectionFacts(handle.value);
  if (typeof found === "number" || !isAsDescribed(found, facts)) return null;
  return new SharedMemory(handle, facts);
}

/** Whether a section is what its bytes say: its size, that every byte is there, and who may write. */
export function isAsDescribed(
  { isPlainMemory, isReadable, isWritable, numBytes }: SectionFacts,
  described: Omit<MemoryDescription, "kind">,
): boolean {
  const mayWrite = described.access !== "read-only";
  return isPlainMemory && isReadable && isWritable === mayWrite && numBytes >= described.numBytes;
}
