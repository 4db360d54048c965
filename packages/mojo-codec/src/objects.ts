/**
 * The objects that travel between two drivers, as their bytes describe them (spec: mojo 2.2).
 */

/** What a node is: what the other end of a transport leads to. */
export type EndpointType = "broker" | "non-broker";

/** What one end of a transport knows of the other. Only Windows draws consequences from trust. */
export interface TransportPeer {
  /** What the other end belongs to. */
  readonly destination: EndpointType;
  /** This end trusts the other. */
  readonly isPeerTrusted: boolean;
  /** The other end trusts this one. */
  readonly isTrustedByPeer: boolean;
}

/** One end of a connection. */
export interface TransportDescription extends TransportPeer {
  readonly kind: "transport";
  /** The other end is in the receiving process itself. */
  readonly isSameRemoteProcess: boolean;
}

/**
 * Who may write to memory: nobody who gets it, only its one holder (who can make read-only shares of it), or everyone.
 * ipcz's own memory is `unsafe`, writable for all.
 */
export type MemoryAccess = "read-only" | "writable" | "unsafe";

/** Shared memory. */
export interface MemoryDescription {
  readonly kind: "memory";
  readonly numBytes: number;
  readonly access: MemoryAccess;
  /** Names the memory itself, whoever holds a share of it: 16 bytes, not all 0. Null where nobody said. */
  readonly guid: Uint8Array | null;
}

/** A handle of the system, of the application's: a file, say. */
export interface PlatformHandleDescription {
  readonly kind: "platform-handle";
}

/** One end of a data pipe: a ring of bytes in shared memory. Its portal travels on its own. */
export interface DataPipeDescription {
  readonly kind: "data-pipe";
  readonly end: "producer" | "consumer";
  /** What is written and read is a multiple of this. */
  readonly elementBytes: number;
  /** Where in the ring the bytes begin that can be read, as far as this end knows. */
  readonly offset: number;
  /** How many can be read from there. */
  readonly readableBytes: number;
  /** The ring. */
  readonly buffer: MemoryDescription;
}

/** Any of them. */
export type ObjectDescription =
  TransportDescription | MemoryDescription | PlatformHandleDescription | DataPipeDescription;

/** Handles of the system that an object consists of, where each share of memory needs handles of its own. */
export function handlesPerObject(object: ObjectDescription): number {
  if (object.kind === "data-pipe") return handlesPerObject(object.buffer);
  // Who may write has a second handle, to make read-only shares from.
  return object.kind === "memory" && object.access === "writable" ? 2 : 1;
}
