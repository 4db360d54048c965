/**
 * Shared memory: one buffer, several owners.
 *
 * Memory handles and mappings each own the region; it is given back, and counted as freed, with the last of them. A
 * view of it that somebody kept stays harmless: the collector frees the bytes only when no view is left.
 */
import { IPCZ_INVALID_DRIVER_HANDLE, type IpczDriverHandle } from "@ipcz/api";
import { NOBODY, type MemObject, type OwnerId } from "./objects.ts";

/** Bytes of all regions of a world. */
export interface MemBytes {
  /** Bytes of regions that somebody owns. */
  live: number;
  /** Bytes of regions that were given back, since the beginning. */
  freed: number;
}

/** Zeroed bytes, shared where the host allows it. Throws what the host throws when there are not enough. */
function newBuffer(byteCount: number, shared: boolean): ArrayBufferLike {
  if (shared && typeof SharedArrayBuffer === "function") return new SharedArrayBuffer(byteCount);
  return new ArrayBuffer(byteCount);
}

/** The bytes behind memory handles and mappings. */
export class Region {
  readonly buffer: ArrayBufferLike;
  private readonly bytes: MemBytes;
  private ownerCount = 0;

  private constructor(buffer: ArrayBufferLike, bytes: MemBytes) {
    this.buffer = buffer;
    this.bytes = bytes;
    bytes.live += buffer.byteLength;
  }

  /** A region of exactly `byteCount` bytes without an owner yet; null when the host has not enough memory. */
  static allocate(byteCount: number, shared: boolean, bytes: MemBytes): Region | null {
    try {
      return new Region(newBuffer(byteCount, shared), bytes);
    } catch {
      return null;
    }
  }

  /** A region of bytes that exist already, without an owner yet. */
  static around(buffer: ArrayBufferLike, bytes: MemBytes): Region {
    return new Region(buffer, bytes);
  }

  addOwner(): void {
    this.ownerCount++;
  }

  removeOwner(): void {
    this.ownerCount--;
    if (this.ownerCount > 0) return;
    this.bytes.live -= this.buffer.byteLength;
    this.bytes.freed += this.buffer.byteLength;
  }
}

/** One handle to a region. */
export class MemMemory implements MemObject {
  readonly kind: "memory" = "memory" as const;
  handle: IpczDriverHandle = IPCZ_INVALID_DRIVER_HANDLE;
  owner: OwnerId = NOBODY;
  slot = -1;
  readonly travels: boolean = true;
  readonly region: Region;

  constructor(region: Region) {
    this.region = region;
    region.addOwner();
  }

  release(): void {
    this.region.removeOwner();
  }
}
