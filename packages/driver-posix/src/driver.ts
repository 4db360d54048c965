/**
 * The driver: its 13 functions, and what an application can ask of it beyond these.
 */
import { fstatSync } from "node:fs";
import { foreign } from "@ipcz/abi/ffi";
import {
  IPCZ_DRIVER_SIZE,
  type IpczDriver,
  type IpczDriverBacklog,
  type IpczDriverHandle,
} from "@ipcz/api";
import {
  backlogFunctions,
  settingsOf,
  unknownPeer,
  upkeepFunctions,
  type DriverOptions,
  type DriverUpkeep,
  type SpawnedWithTransport,
} from "@ipcz/driver-base";
import type { TransportPeer } from "@ipcz/mojo-codec";
import {
  inheritedTransport,
  spawnWithTransport,
  transportFromDescriptor,
  type SpawnWithTransportOptions,
} from "./child.ts";
import { CarriedDescriptor } from "./carried-descriptor.ts";
import type { WireCodec } from "./codec.ts";
import { connectTo, type ConnectSocketOptions } from "./connect-socket.ts";
import { DataPipeEnd, type DataPipeFacts } from "./data-pipe.ts";
import { Descriptor } from "./fd.ts";
import { laneSettings, type LaneOptions } from "./lane/lane-supplies.ts";
import { socketBufferBytesDefault } from "./limits.ts";
import {
  type ConnectionHandler,
  listenAt,
  type ListenOptions,
  type PosixListener,
} from "./listener.ts";
import { memoryFunctions } from "./memory-functions.ts";
import { checked, errnos, PosixError } from "./os-error.ts";
import { mojoCodec } from "./mojo-codec.ts";
import { hasDescriptor } from "./objects.ts";
import { buildParts, type DriverParts, type PosixSettings } from "./parts.ts";
import type { PeerCredentials } from "./platform.ts";
import { referenceCodec, referenceCodecWithDescriptors } from "./reference-codec.ts";
import { objectFunctions } from "./serialize.ts";
import { openSystem } from "./system.ts";
import { transportFunctions } from "./transport-functions.ts";

/** What a driver can be told when it is made. */
export interface PosixDriverOptions extends DriverOptions {
  /**
   * The wire format: `"reference"` (the default) is that of the C library's multiprocess reference driver, `"mojo"` that
   * of Chromium.
   */
  readonly codec?: "reference" | "mojo" | WireCodec;
  /**
   * Wanted size of the kernel's buffers of new sockets, in bytes; the system's default otherwise, and its
   * limit always.
   */
  readonly socketBufferBytes?: number;
  /**
   * Messages between two drivers that both have lanes go through memory they share, and who finds the other awake
   * makes no system call. Off by default; without effect towards any other peer, with a codec that has no marks,
   * and on systems other than Linux.
   */
  readonly lanes?: boolean | LaneOptions;
  /**
   * Whether descriptors of the application may travel with the codec `reference`, both ways; both ends must say so. Off
   * by default: the C library knows no such objects, and ends a connection over which one comes.
   */
  readonly descriptors?: boolean;
}

/** Counts of what a driver holds; all 0 when nothing is left over. */
export interface LiveObjects {
  readonly transports: number;
  readonly memories: number;
  readonly mappings: number;
  /** Descriptors on their way, each with a handle of its own. */
  readonly descriptors: number;
  /** Wrapped descriptors of the application's. */
  readonly platformHandles: number;
  readonly dataPipes: number;
  /** Closed transports that still send. */
  readonly lingering: number;
  /** Named sockets that are listened at. */
  readonly listeners: number;
  /** Ends of lanes, each direction counted for itself. */
  readonly lanes: number;
  /** Closed mappings whose addresses are given back when their views have been collected. */
  readonly retired: number;
  /** Descriptors of the system, behind all of these; a listener's among them. */
  readonly openDescriptors: number;
  /** Bytes of shared memory that are mapped, those of lanes among them. */
  readonly mappedBytes: number;
}

/** An ipcz driver over sockets, descriptors and shared memory. Each has handles of its own. */
export interface PosixDriver extends IpczDriver, DriverUpkeep {
  readonly backlog: IpczDriverBacklog;
  /**
   * Starts a process and gives it one end of a new pair, whose other end is answered. The child finds its end
   * with {@link PosixDriver.inheritedTransport}, or, if it has no such thing, by the number in
   * `IPCZ_TRANSPORT_FD`, or where the options say.
   */
  spawnWithTransport(
    command: string,
    args?: readonly string[],
    options?: SpawnWithTransportOptions,
  ): SpawnedWithTransport;
  /** The transport this process was started with; the caller's. Once; throws when there is none. */
  inheritedTransport(): IpczDriverHandle;
  /**
   * Makes a transport of a connected Unix stream socket nobody else uses; takes it, unless it throws. `peer` is what is
   * known of the other end, if anything; the codec `mojo` passes it on.
   */
  transportFromDescriptor(descriptor: number, peer?: TransportPeer): IpczDriverHandle;
  /**
   * Listens at a path for processes that connect there; each gets a transport, told to `handler` with who it is. On
   * Linux a name that begins with a 0 is abstract: it has no file, and so no permissions. The file of a listener that
   * is gone is replaced. Throws a `PosixError`.
   */
  listen(path: string, options: ListenOptions, handler: ConnectionHandler): PosixListener;
  /** A transport connected to whoever listens at `path`; the caller's. Rejects with a `PosixError`. */
  connectTo(path: string, options?: ConnectSocketOptions): Promise<IpczDriverHandle>;
  /**
   * Who is at the other end of a transport, as of when it connected or began to listen. For a pair made here it is
   * this process. Throws for what is no transport.
   */
  peerCredentials(transport: IpczDriverHandle): PeerCredentials;
  /**
   * The descriptor behind a transport, memory object or carried descriptor, still owned by it. Throws for
   * others.
   */
  descriptorOf(handle: IpczDriverHandle): number;
  /** Ends a handle and gives its descriptor to the caller. Throws for a transport that is in use. */
  releaseDescriptor(handle: IpczDriverHandle): number;
  /**
   * Makes a driver object of any descriptor, so that it can be boxed and sent, where the codec has such objects (`mojo`,
   * or {@link PosixDriverOptions.descriptors}). Takes it; {@link PosixDriver.releaseDescriptor} gives it back.
   */
  wrapDescriptor(descriptor: number): IpczDriverHandle;
  /** Whether a handle names a descriptor of the application: one that was wrapped, here or by a peer. */
  isWrappedDescriptor(handle: IpczDriverHandle): boolean;
  /** Another descriptor for what `descriptor` names, close-on-exec; the caller's. Throws a `PosixError`. */
  copyDescriptor(descriptor: number): number;
  /** Makes one end of a data pipe of the memory that is its ring; takes the memory. Throws when it is none. */
  makeDataPipe(facts: DataPipeFacts, memory: IpczDriverHandle): IpczDriverHandle;
  /** Ends a data pipe's handle: what it was, and its memory, which is the caller's. Throws when it is none. */
  openDataPipe(handle: IpczDriverHandle): DataPipeFacts & { readonly memory: IpczDriverHandle };
  /** What is open now. */
  liveObjects(): LiveObjects;
}

/**
 * Makes a driver. Throws on a system it does not know.
 *
 * In a worker: end the worker by {@link PosixDriver.dispose}, or let it exit; its descriptors are closed by
 * nothing else, and `terminate` with an active transport that has something to read aborts the whole process.
 */
export function posixDriver(options: PosixDriverOptions = {}): PosixDriver {
  const codec = codecOf(options.codec ?? "reference", options.descriptors ?? false);
  const parts = buildParts(openSystem(foreign), codec, posixSettings(options, codec));
  return {
    size: IPCZ_DRIVER_SIZE,
    ...upkeepFunctions(parts),
    ...objectFunctions(parts),
    ...transportFunctions(parts, options.onBadTransportActivity ?? null),
    backlog: backlogFunctions(parts.objects),
    ...memoryFunctions(parts),
    ...childMethods(parts),
    ...namedMethods(parts),
    ...descriptorMethods(parts),
    ...dataPipeMethods(parts),
    liveObjects: () => liveObjects(parts),
  };
}

function codecOf(codec: "reference" | "mojo" | WireCodec, descriptors: boolean): WireCodec {
  if (codec === "mojo") return mojoCodec();
  if (codec !== "reference") return codec;
  return descriptors ? referenceCodecWithDescriptors : referenceCodec;
}

function posixSettings(options: PosixDriverOptions, codec: WireCodec): PosixSettings {
  const lanes = options.lanes ?? false;
  return {
    ...settingsOf(options, codec.messageBytesMax + codec.headerBytes),
    socketBufferBytes: options.socketBufferBytes ?? socketBufferBytesDefault,
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
    transportFromDescriptor: (descriptor, peer = unknownPeer) =>
      transportFromDescriptor(parts, descriptor, peer),
  };
}

function namedMethods(
  parts: DriverParts,
): Pick<PosixDriver, "listen" | "connectTo" | "peerCredentials"> {
  return {
    listen: (path, options, handler) => listenAt(parts, path, options, handler),
    connectTo: (path, options = {}) => connectTo(parts, path, options),
    peerCredentials: (handle) => {
      const transport = parts.objects.transport(handle);
      if (!transport) throw new Error("that handle is no transport");
      const peer = parts.system.platform.named.peerCredentials(transport.descriptor);
      if (typeof peer === "number") throw new PosixError("getsockopt", peer);
      return peer;
    },
  };
}

function descriptorMethods(
  parts: DriverParts,
): Pick<
  PosixDriver,
  "descriptorOf" | "releaseDescriptor" | "wrapDescriptor" | "isWrappedDescriptor" | "copyDescriptor"
> {
  const { objects, system } = parts;
  return {
    descriptorOf: (handle) => {
      const object = objects.get(handle);
      if (!object || !hasDescriptor(object)) throw new Error("that handle has no descriptor");
      return object.descriptor;
    },
    releaseDescriptor: (handle) => {
      const object = objects.get(handle);
      if (!object || !hasDescriptor(object)) throw new Error("that handle has no descriptor");
      const descriptor = object.surrender();
      if (!descriptor) {
        throw new Error(
          "a transport in use keeps its descriptor, and memory that has two keeps both",
        );
      }
      objects.take(handle);
      return descriptor.release();
    },
    isWrappedDescriptor: (handle) => objects.get(handle)?.kind === "platform-handle",
    copyDescriptor: (descriptor) => {
      const isNumber = Number.isInteger(descriptor) && descriptor >= 0;
      return checked("fcntl", isNumber ? system.platform.duplicate(descriptor) : -errnos.EBADF);
    },
    wrapDescriptor: (descriptor) => {
      // Asking for its state tells a descriptor from a number.
      fstatSync(descriptor);
      return objects.add(
        new CarriedDescriptor(new Descriptor(system.libc, descriptor), "platform-handle"),
      );
    },
  };
}

function dataPipeMethods({
  objects,
}: DriverParts): Pick<PosixDriver, "makeDataPipe" | "openDataPipe"> {
  return {
    makeDataPipe: (facts, handle) => {
      const memory = objects.memory(handle);
      if (!memory) throw new Error("a data pipe is made of memory");
      objects.take(handle);
      return objects.add(new DataPipeEnd(facts, memory));
    },
    openDataPipe: (handle) => {
      const object = objects.get(handle);
      if (object?.kind !== "data-pipe") throw new Error("that handle is no data pipe");
      objects.take(handle);
      const { end, elementBytes, offset, readableBytes, buffer } = object;
      return { end, elementBytes, offset, readableBytes, memory: objects.add(buffer) };
    },
  };
}

function liveObjects({
  objects,
  lanes,
  lingering,
  listeners,
  mapper,
  system,
}: DriverParts): LiveObjects {
  return {
    transports: objects.countOf("transport"),
    memories: objects.countOf("memory"),
    mappings: objects.countOf("mapping"),
    descriptors: objects.countOf("descriptor"),
    platformHandles: objects.countOf("platform-handle"),
    dataPipes: objects.countOf("data-pipe"),
    lingering: lingering.size,
    listeners: listeners.size,
    lanes: lanes.count,
    retired: mapper.retired,
    openDescriptors: system.libc.owned.descriptors,
    mappedBytes: mapper.mappedBytes,
  };
}
