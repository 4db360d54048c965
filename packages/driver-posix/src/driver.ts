/**
 * The driver: its 13 functions, and what an application can ask of it beyond these.
 */
import type { SpawnOptions } from "node:child_process";
import { foreign } from "@ipcz/abi/ffi";
import {
  IPCZ_DRIVER_SIZE,
  IPCZ_RESULT_INVALID_ARGUMENT,
  IPCZ_RESULT_OK,
  type IpczDriver,
  type IpczDriverBacklog,
  type IpczDriverHandle,
} from "@ipcz/api";
import {
  inheritedTransport,
  spawnWithTransport,
  transportFromDescriptor,
  type SpawnedWithTransport,
} from "./child.ts";
import type { WireCodec } from "./codec.ts";
import { laneSettings, type LaneOptions } from "./lane/lane-supplies.ts";
import {
  backlogBytesMaxDefault,
  frameBytesMaxDefault,
  lingerMsDefault,
  socketBufferBytesDefault,
} from "./limits.ts";
import { memoryFunctions } from "./memory-functions.ts";
import { buildParts, type DriverParts, type DriverSettings } from "./parts.ts";
import { referenceCodec } from "./reference-codec.ts";
import { objectFunctions } from "./serialize.ts";
import { openSystem } from "./system.ts";
import {
  backlogFunctions,
  transportFunctions,
  type BadTransportActivity,
} from "./transport-functions.ts";

/** What a driver can be told when it is made. */
export interface PosixDriverOptions {
  /** The wire format: `"reference"` (the default) is that of the C library's multiprocess reference driver. */
  readonly codec?: "reference" | WireCodec;
  /** Whether active transports keep the process alive; true by default. */
  readonly ref?: boolean;
  /**
   * Wanted size of the kernel's buffers of new sockets, in bytes; the system's default otherwise, and its
   * limit always.
   */
  readonly socketBufferBytes?: number;
  /** Longest frame sent or accepted, header included; 1 GiB by default. */
  readonly frameBytesMax?: number;
  /**
   * Bytes that may wait in one transport, 1 GiB by default. A message too many ends the transport, since one that is
   * not sent could never be made up for; see `backlog` on how to stay below.
   */
  readonly backlogBytesMax?: number;
  /**
   * How long a closed transport goes on sending what was transmitted before, in milliseconds; 10 000 by
   * default.
   */
  readonly lingerMs?: number;
  /**
   * Messages between two drivers that both have lanes go through memory they share, and who finds the other awake
   * makes no system call. Off by default; without effect towards any other peer, with a codec that has no marks,
   * and on systems other than Linux.
   */
  readonly lanes?: boolean | LaneOptions;
  /** Told when the application rejects a parcel that came over a transport. Nothing else is done about it. */
  readonly onBadTransportActivity?: BadTransportActivity;
}

/** Counts of what a driver holds; all 0 when nothing is left over. */
export interface LiveObjects {
  readonly transports: number;
  readonly memories: number;
  readonly mappings: number;
  /** Descriptors on their way, each with a handle of its own. */
  readonly descriptors: number;
  /** Closed transports that still send. */
  readonly lingering: number;
  /** Ends of lanes, each direction counted for itself. */
  readonly lanes: number;
  /** Closed mappings whose addresses are given back when their views have been collected. */
  readonly retired: number;
}

/** An ipcz driver over sockets, descriptors and shared memory. Each has handles of its own. */
export interface PosixDriver extends IpczDriver {
  readonly backlog: IpczDriverBacklog;
  /**
   * Starts a process and gives it one end of a new pair, whose other end is answered. The child finds its end
   * with {@link PosixDriver.inheritedTransport}, or, if it has no such thing, by the number in
   * `IPCZ_TRANSPORT_FD`.
   */
  spawnWithTransport(
    command: string,
    args?: readonly string[],
    options?: SpawnOptions,
  ): SpawnedWithTransport;
  /** The transport this process was started with; the caller's. Once; throws when there is none. */
  inheritedTransport(): IpczDriverHandle;
  /** Makes a transport of a connected Unix stream socket nobody else uses; takes it, unless it throws. */
  transportFromDescriptor(descriptor: number): IpczDriverHandle;
  /**
   * The descriptor behind a transport, memory object or carried descriptor, still owned by it. Throws for
   * others.
   */
  descriptorOf(handle: IpczDriverHandle): number;
  /** Ends a handle and gives its descriptor to the caller. Throws for a transport that is in use. */
  releaseDescriptor(handle: IpczDriverHandle): number;
  /** While active, this transport keeps the process alive. */
  ref(transport: IpczDriverHandle): void;
  /** This transport does not keep the process alive. */
  unref(transport: IpczDriverHandle): void;
  /** What is open now. */
  liveObjects(): LiveObjects;
  /**
   * Closes everything that is open, without waiting for anything to be sent. For the end of a thread or a
   * test.
   */
  dispose(): void;
}

/**
 * Makes a driver. Throws on a system it does not know.
 *
 * In a worker: end the worker by {@link PosixDriver.dispose}, or let it exit; its descriptors are closed by
 * nothing else, and `terminate` with an active transport that has something to read aborts the whole process.
 */
export function posixDriver(options: PosixDriverOptions = {}): PosixDriver {
  const codec =
    options.codec === undefined || options.codec === "reference" ? referenceCodec : options.codec;
  const parts = buildParts(openSystem(foreign), codec, settingsOf(options, codec));
  return {
    size: IPCZ_DRIVER_SIZE,
    Close: (handle) => {
      const object = parts.objects.take(handle);
      object?.close();
      return object ? IPCZ_RESULT_OK : IPCZ_RESULT_INVALID_ARGUMENT;
    },
    ...objectFunctions(parts),
    ...transportFunctions(parts, options.onBadTransportActivity ?? null),
    backlog: backlogFunctions(parts),
    ...memoryFunctions(parts),
    ...childMethods(parts),
    ...descriptorMethods(parts),
    ...upkeepMethods(parts),
  };
}

function settingsOf(options: PosixDriverOptions, codec: WireCodec): DriverSettings {
  const frameBytesMax = options.frameBytesMax ?? frameBytesMaxDefault;
  const lanes = options.lanes ?? false;
  return {
    referenced: options.ref ?? true,
    socketBufferBytes: options.socketBufferBytes ?? socketBufferBytesDefault,
    frameBytesMax: Math.min(frameBytesMax, codec.messageBytesMax + codec.headerBytes),
    backlogBytesMax: options.backlogBytesMax ?? backlogBytesMaxDefault,
    lingerMs: options.lingerMs ?? lingerMsDefault,
    lanes: lanes === false ? null : laneSettings(lanes === true ? {} : lanes),
  };
}

function childMethods(
  parts: DriverParts,
): Pick<PosixDriver, "spawnWithTransport" | "inheritedTransport" | "transportFromDescriptor"> {
  return {
    spawnWithTransport: (command, args = [], options = {}) =>
      spawnWithTransport(parts, command, args, options),
    inheritedTransport: () => inheritedTransport(parts),
    transportFromDescriptor: (descriptor) => transportFromDescriptor(parts, descriptor),
  };
}

function descriptorMethods(
  parts: DriverParts,
): Pick<PosixDriver, "descriptorOf" | "releaseDescriptor"> {
  const { objects } = parts;
  return {
    descriptorOf: (handle) => {
      const object = objects.get(handle);
      if (!object || object.kind === "mapping") throw new Error("that handle has no descriptor");
      return object.descriptor;
    },
    releaseDescriptor: (handle) => {
      const object = objects.get(handle);
      if (!object || object.kind === "mapping") throw new Error("that handle has no descriptor");
      const descriptor = object.surrender();
      if (!descriptor) throw new Error("a transport in use keeps its descriptor");
      objects.take(handle);
      return descriptor.release();
    },
  };
}

function upkeepMethods(
  parts: DriverParts,
): Pick<PosixDriver, "ref" | "unref" | "liveObjects" | "dispose"> {
  const { objects, lingering, mapper } = parts;
  return {
    ref: (transport) => objects.transport(transport)?.refer(true),
    unref: (transport) => objects.transport(transport)?.refer(false),
    liveObjects: () => ({
      transports: objects.countOf("transport"),
      memories: objects.countOf("memory"),
      mappings: objects.countOf("mapping"),
      descriptors: objects.countOf("descriptor"),
      lingering: lingering.size,
      lanes: parts.lanes.count,
      retired: mapper.retired,
    }),
    dispose: () => {
      for (const [handle] of objects.entries()) objects.take(handle)?.close();
      for (const transport of lingering) transport.dispose();
    },
  };
}
