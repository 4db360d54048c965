/**
 * What all objects of one node share.
 */
import type { IpczAPI, IpczDriver, IpczDriverHandle, IpczHandle, IpczResult } from "@ipcz/api";
import { getAPI, getPortalBacklog, watchPortalBacklog, watchPortalHandshake } from "@ipcz/core";
import type { PortalLimits } from "./limits.ts";

/** What can be told of bytes that have not left this process. */
export interface Backlog {
  /** Bytes that wait before the portal's next parcel. */
  bytes(portal: IpczHandle): number;
  /** Calls `handler` once when at most `numBytes` wait; `FAILED_PRECONDITION` when so few do now. */
  watch(portal: IpczHandle, numBytes: number, handler: () => void): IpczResult;
}

/** What can be told of handshakes. */
export interface HandshakeTeller {
  /** Calls `handler` once, when the handshake behind `portal` has ended; `FAILED_PRECONDITION` if it has. */
  watch(portal: IpczHandle, handler: (connected: boolean) => void): IpczResult;
}

/** What keeps the process alive for this node's sake. */
export interface KeepAlive {
  /** One more reason. */
  hold(): void;
  /** One reason less. */
  release(): void;
}

/** A driver, and what it may say of objects that are descriptors of the application. */
export interface DescriptorDriver extends IpczDriver {
  /** Makes an object that can be boxed and sent of a descriptor, which it takes unless it throws. */
  readonly wrapDescriptor?: (descriptor: number) => IpczDriverHandle;
  /** Another descriptor for the same thing; the caller's. */
  readonly copyDescriptor?: (descriptor: number) => number;
  /** Whether a handle names such an object. */
  readonly isWrappedDescriptor?: (handle: IpczDriverHandle) => boolean;
  /** Ends such an object and gives its descriptor to the caller. */
  readonly releaseDescriptor?: (handle: IpczDriverHandle) => number;
  /** Counts of what the driver holds, by name; for `ipcz/inspect`. */
  readonly liveObjects?: () => object;
}

/** The surroundings of a portal, parcel or box. */
export interface Context {
  readonly api: IpczAPI;
  /** Null: nothing can be told. */
  readonly backlog: Backlog | null;
  readonly limits: Required<PortalLimits>;
  readonly keepAlive: KeepAlive;
  /** Two new portals of the node, each the other's peer; the caller's. Throws when the node is closed. */
  openPair(): [IpczHandle, IpczHandle];
  readonly driver: DescriptorDriver;
  /** A box around a copy of a descriptor; the caller's. Throws when there is no copy, or none can be sent. */
  boxDescriptor(descriptor: number): IpczHandle;
}

/** The handshakes of portals of `api`; only our own implementation can tell of them. */
export function handshakesOf(api: IpczAPI): HandshakeTeller | null {
  return api === getAPI() ? { watch: watchPortalHandshake } : null;
}

const ours: Backlog = { bytes: getPortalBacklog, watch: watchPortalBacklog };

/** The backlog of portals of `api`; only our own implementation can tell it. */
export function backlogOf(api: IpczAPI): Backlog | null {
  return api === getAPI() ? ours : null;
}
