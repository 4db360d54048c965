/**
 * The driver: its 13 functions, and what an application can ask of it beyond these.
 */
import {
  IPCZ_DRIVER_SIZE,
  IPCZ_RESULT_INVALID_ARGUMENT,
  type IpczDriver,
  type IpczDriverBacklog,
  type IpczDriverHandle,
} from "@ipcz/api";
import {
  backlogFunctions,
  settingsOf,
  upkeepFunctions,
  type DriverOptions,
  type DriverUpkeep,
  type SpawnedWithTransport,
} from "@ipcz/driver-base";
import type { TransportPeer } from "@ipcz/mojo-codec";
import { inheritedTransport, spawnWithTransport, type StartOptions } from "./child.ts";
import { connectTo, type ConnectPipeOptions } from "./connect-pipe.ts";
import { copyDescriptor, releaseDescriptor, wrapDescriptor } from "./descriptors.ts";
import { deserialize } from "./deserialize.ts";
import {
  type ConnectionHandler,
  credentialsOf,
  listenAt,
  type ListenOptions,
  type PeerCredentials,
  type WinListener,
} from "./listener.ts";
import { memoryFunctions } from "./memory-functions.ts";
import { openSystem } from "./win32/open-system.ts";
import { buildParts, type DriverParts } from "./parts.ts";
import { handleOf, releaseHandle, transportFromHandle } from "./raw-handles.ts";
import { serialize } from "./serialize.ts";
import type { WinSystem } from "./system.ts";
import { transportFunctions } from "./transport-functions.ts";

/** What a driver can be told when it is made. */
export type WinDriverOptions = DriverOptions;

/** Counts of what a driver holds; all 0 when nothing is left over. */
export interface LiveObjects {
  readonly transports: number;
  readonly memories: number;
  readonly mappings: number;
  /** Wrapped handles of the application's. */
  readonly platformHandles: number;
  /** Closed transports that still send. */
  readonly lingering: number;
  /** Pipes that are listened at. */
  readonly listeners: number;
  /** Handles on their way within this process, whichever of its drivers has sent them. */
  readonly onTheirWay: number;
  /** Closed mappings that are unmapped when their views have been collected. */
  readonly retired: number;
  /** Handles of the system, behind all of these, whichever driver of the thread has them; not those of pipes in use. */
  readonly openHandles: number;
  /** Bytes of shared memory that are mapped. */
  readonly mappedBytes: number;
}

/** An ipcz driver over named pipes, handles and sections. Each has handles of its own. */
export interface WinDriver extends IpczDriver, DriverUpkeep {
  readonly backlog: IpczDriverBacklog;
  /**
   * Starts a process and gives it one end of a new pipe, whose other end is answered. The child finds its end with
   * {@link WinDriver.inheritedTransport}, or, if it has no such thing, by the number in its last argument,
   * `--mojo-platform-channel-handle=`.
   */
  spawnWithTransport(
    command: string,
    args?: readonly string[],
    options?: StartOptions,
  ): SpawnedWithTransport;
  /** The transport this process was started with; the caller's. Once; throws when there is none. */
  inheritedTransport(): IpczDriverHandle;
  /**
   * Makes a transport of the connected end of a pipe that was opened for overlapped operations and nobody else uses;
   * takes it, unless it throws. `peer` is what is known of the other end; without it an end from
   * {@link WinDriver.releaseHandle} of a driver in this process is what it was there, and of any other nothing is known.
   */
  transportFromHandle(handle: number, peer?: TransportPeer): IpczDriverHandle;
  /**
   * Listens at `\\.\pipe\name` for processes of this user that connect there; each gets a transport, told to `handler`
   * with who it is. Throws a `WinError`: `ERROR_ACCESS_DENIED` when somebody listens there already.
   */
  listen(path: string, options: ListenOptions, handler: ConnectionHandler): WinListener;
  /**
   * A transport connected to whoever listens at `path`, which must be this user; the caller's. Rejects with a
   * `WinError`.
   */
  connectTo(path: string, options?: ConnectPipeOptions): Promise<IpczDriverHandle>;
  /**
   * Who is at the other end of a transport, as of when it connected or began to listen. For a pair made here it is
   * this process. Throws for what is no transport.
   */
  peerCredentials(transport: IpczDriverHandle): PeerCredentials;
  /** The system's handle behind an object, still owned by it. Throws where there is none, or it is in use. */
  handleOf(object: IpczDriverHandle): number;
  /** Ends an object and gives its handle to the caller. Throws as {@link WinDriver.handleOf}. */
  releaseHandle(object: IpczDriverHandle): number;
  /**
   * Makes a driver object of any descriptor, so that it can be boxed and sent. Takes it;
   * {@link WinDriver.releaseDescriptor} gives one back.
   */
  wrapDescriptor(descriptor: number): IpczDriverHandle;
  /** Whether a handle names a handle of the application: one that was wrapped, here or by a peer. */
  isWrappedDescriptor(handle: IpczDriverHandle): boolean;
  /** Another descriptor for what `descriptor` names; the caller's. Throws a `WinError`. */
  copyDescriptor(descriptor: number): number;
  /** Ends a wrapped handle and gives a descriptor for it to the caller. Throws when there is none to be had. */
  releaseDescriptor(handle: IpczDriverHandle): number;
  /** What is open now. */
  liveObjects(): LiveObjects;
}

/** Makes a driver. Throws where the system is not Windows. */
export function winDriver(options: WinDriverOptions = {}): WinDriver {
  return driverOver(openSystem(), options);
}

/** Makes a driver over a system that is given. */
export function driverOver(system: WinSystem, options: WinDriverOptions): WinDriver {
  const parts = buildParts(system, settingsOf(options, 2 ** 32 - 1));
  return {
    size: IPCZ_DRIVER_SIZE,
    ...upkeepFunctions(parts),
    ...objectFunctions(parts),
    ...transportFunctions(parts, options.onBadTransportActivity ?? null),
    backlog: backlogFunctions(parts.objects),
    ...memoryFunctions(parts),
    ...connectionMethods(parts),
    handleOf: (object) => handleOf(parts, object),
    releaseHandle: (object) => releaseHandle(parts, object),
    wrapDescriptor: (descriptor) => wrapDescriptor(parts, descriptor),
    isWrappedDescriptor: (handle) => parts.objects.get(handle)?.kind === "platform-handle",
    copyDescriptor: (descriptor) => copyDescriptor(parts, descriptor),
    releaseDescriptor: (handle) => releaseDescriptor(parts, handle),
    liveObjects: () => liveObjects(parts),
  };
}

function objectFunctions(parts: DriverParts): Pick<IpczDriver, "Serialize" | "Deserialize"> {
  return {
    Serialize: (handle, transport, _flags, _options, data, numBytes, _handles, numHandles) =>
      serialize(parts, handle, transport, { data, numBytes, numHandles }),
    Deserialize: (data, numBytes, handles, numHandles, transport, _flags, _options, out) => {
      // Whatever happens, the handles are ours now. No object has any beside its bytes.
      for (const each of (handles ?? []).slice(0, numHandles)) parts.objects.take(each)?.close();
      if (numHandles !== 0) return IPCZ_RESULT_INVALID_ARGUMENT;
      return deserialize(parts, data, numBytes, transport, out);
    },
  };
}

function connectionMethods(
  parts: DriverParts,
): Pick<
  WinDriver,
  | "spawnWithTransport"
  | "inheritedTransport"
  | "transportFromHandle"
  | "listen"
  | "connectTo"
  | "peerCredentials"
> {
  return {
    spawnWithTransport: (command, args = [], options = {}) =>
      spawnWithTransport(parts, command, args, options),
    inheritedTransport: () => inheritedTransport(parts),
    transportFromHandle: (handle, peer) => transportFromHandle(parts, handle, peer ?? null),
    listen: (path, options, handler) => listenAt(parts, path, options, handler),
    connectTo: (path, options = {}) => connectTo(parts, path, options),
    peerCredentials: (handle) => {
      const transport = parts.objects.transport(handle);
      if (!transport) throw new Error("that handle is no transport");
      return credentialsOf(transport.end.relation.pid);
    },
  };
}

function liveObjects({
  objects,
  lingering,
  listeners,
  local,
  mapper,
  system,
}: DriverParts): LiveObjects {
  return {
    transports: objects.countOf("transport"),
    memories: objects.countOf("memory"),
    mappings: objects.countOf("mapping"),
    platformHandles: objects.countOf("platform-handle"),
    lingering: lingering.size,
    listeners: listeners.size,
    onTheirWay: local.count,
    retired: mapper.retired,
    openHandles: system.owned.handles,
    mappedBytes: mapper.mappedBytes,
  };
}
