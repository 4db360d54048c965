/**
 * `IpczDriver`: what a platform supplies, and what ipcz promises it.
 *
 * A driver makes transports (one end of a message channel between two nodes), shared memory, mappings and random
 * bytes, and turns its objects into bytes and handles that a transport can carry. It knows nothing of nodes or
 * portals. Whoever holds a driver handle owns it; every handle has one owner and is closed once.
 *
 * ipcz passes `flags` 0 and `options` null to every function. Source: spec: api 3.
 */
import type { IpczDriverBacklog } from "./backlog.ts";
import type { IpczContext, IpczDriverHandle, IpczHandle, Out } from "./handle.ts";
import type { IpczResult } from "./result.ts";

/** Size of a shared memory object. C: `IpczSharedMemoryInfo`. */
export interface IpczSharedMemoryInfo {
  /** {@link IPCZ_SHARED_MEMORY_INFO_SIZE}, set by ipcz. */
  size: number;
  /** Receives the size of the region in bytes; at least what was asked for at its allocation. */
  regionNumBytes: number;
}

/** Extras of one message. C: `IpczTransportActivityOptions`. */
export interface IpczTransportActivityOptions {
  /** {@link IPCZ_TRANSPORT_ACTIVITY_OPTIONS_SIZE}; with less the envelope is ignored. */
  size: number;
  /** A driver object that lives as long as the message or its parcel; ipcz closes it. 0: none. */
  envelope: IpczDriverHandle;
}

/**
 * Called by the driver for whatever happens on an active transport.
 *
 * - `flags` 0: one message arrived. `data` is only lent, for the time of the call, and may be reused by the driver
 *   afterwards. `driverHandles` belong to ipcz from the call on, whatever it answers. Any answer but `OK` (and
 *   `UNIMPLEMENTED`) means the peer misbehaves: stop reading, then call once more with `ERROR`.
 * - `IPCZ_TRANSPORT_ACTIVITY_ERROR`: the transport is broken or the peer gone.
 * - `IPCZ_TRANSPORT_ACTIVITY_DEACTIVATED`: the last call; exactly one, after `DeactivateTransport` or on the
 *   driver's own decision.
 *
 * Calls for one listener never overlap and never nest: a driver that could recurse must queue. Handlers may be called
 * from within any driver function.
 */
export interface IpczTransportActivityHandler {
  (
    listener: IpczHandle,
    data: Uint8Array | null,
    numBytes: number,
    driverHandles: readonly IpczDriverHandle[] | null,
    numDriverHandles: number,
    flags: number,
    options: IpczTransportActivityOptions | null,
  ): IpczResult;

  /** Where several calls in a row may be bracketed. Not part of the C ABI; either side may do without. */
  readonly batch?: IpczTransportActivityBatch;

  /**
   * Where the driver objects are in a message that is not delivered any more, so that a driver whose objects carry
   * handles in their bytes can close these. Objects without bytes are left out; nothing is done with the message. Not
   * part of the C ABI.
   */
  readonly objectsIn?: (message: Uint8Array) => readonly IpczByteRange[];
}

/** Some of the bytes of an array: `end` is the first that is not among them. */
export interface IpczByteRange {
  readonly start: number;
  readonly end: number;
}

/**
 * Calls that a driver makes one after the other, because it has read several messages at once.
 *
 * Between `begin` and `end` ipcz puts off what follows from a message for others (trap handlers above all), so that it
 * is done once. Every `begin` is paired with one `end`, soon and from the same stack, also when a call fails or the
 * transport is deactivated in between; pairs do not nest.
 */
export interface IpczTransportActivityBatch {
  /** Calls follow. Messages that lie in `lent`, if it is given, stay there as they are until `end` has returned. */
  begin(lent?: Uint8Array): void;
  /** There are no more for now: what was put off is done. */
  end(): void;
  /**
   * In place of a call of the handler for each: `count` messages without handles, in order, where they lie in `buffer`.
   * `spans` has two numbers for each: where it starts, and how many bytes it is. Both are lent for the call, the bytes for
   * longer as `begin` says. Spares a view and the way through several layers for each message; only in between.
   *
   * @returns `count`: all were accepted. Less: one was rejected, and those behind it were not looked at. As when the
   * handler rejects one, the driver then says `ERROR`.
   */
  messages?(listener: IpczHandle, buffer: Uint8Array, spans: Int32Array, count: number): number;
}

/** The 13 functions of a driver, in ABI order. C: `IpczDriver`. */
export interface IpczDriver {
  /** {@link IPCZ_DRIVER_SIZE}. */
  readonly size: number;

  /** Ends an object: closes a transport, frees a memory handle, unmaps a mapping. Consumes `handle`. */
  Close(handle: IpczDriverHandle, flags: number, options: null): IpczResult;

  /**
   * Turns an object into bytes and handles that `transport` can carry; consumes it on `OK` only.
   *
   * In this order (spec: api 3.3): an object that can never travel: `INVALID_ARGUMENT`. It may, depending on the
   * transport, and `transport` is 0: `ABORTED`. It may not on this transport, but by way of a broker:
   * `PERMISSION_DENIED`. A buffer is missing or too small: write what is needed through each count that is not null
   * and answer `RESOURCE_EXHAUSTED`, the normal answer to "may it travel here?". Otherwise fill the buffers, write
   * exact counts, `OK`. An object takes at least one byte or one handle.
   *
   * @param numBytes in: capacity of `data` in bytes; out: bytes needed or written. Null: capacity 0.
   * @param numHandles in: capacity of `handles`; out: handles needed or written. Null: capacity 0.
   */
  Serialize(
    handle: IpczDriverHandle,
    transport: IpczDriverHandle,
    flags: number,
    options: null,
    data: Uint8Array | null,
    numBytes: Out<number> | null,
    handles: IpczDriverHandle[] | null,
    numHandles: Out<number> | null,
  ): IpczResult;

  /**
   * Makes an object from what `Serialize` made of it at the other end of `transport`.
   *
   * The bytes are a stranger's: check sizes, counts and kinds. `driverHandles` belong to the driver from the call on,
   * also when it fails. On `OK` the new handle is the caller's.
   */
  Deserialize(
    data: Uint8Array | null,
    numBytes: number,
    driverHandles: readonly IpczDriverHandle[] | null,
    numDriverHandles: number,
    transport: IpczDriverHandle,
    flags: number,
    options: null,
    handle: Out<IpczDriverHandle>,
  ): IpczResult;

  /**
   * Makes two connected transports. The first will be sent over `transport0`, the second over `transport1`, so that
   * the nodes behind those two get a link. Both inputs may be 0, and are context only: they are not consumed.
   */
  CreateTransports(
    transport0: IpczDriverHandle,
    transport1: IpczDriverHandle,
    flags: number,
    options: null,
    newTransport0: Out<IpczDriverHandle>,
    newTransport1: Out<IpczDriverHandle>,
  ): IpczResult;

  /**
   * Starts delivering to `handler`; may already call it. `listener` is lent until `DEACTIVATED`. What the peer
   * transmitted before is delivered first, in order.
   */
  ActivateTransport(
    transport: IpczDriverHandle,
    listener: IpczHandle,
    handler: IpczTransportActivityHandler,
    flags: number,
    options: null,
  ): IpczResult;

  /** Stops delivering; one last call with `DEACTIVATED` follows, now or later. */
  DeactivateTransport(transport: IpczDriverHandle, flags: number, options: null): IpczResult;

  /**
   * Sends one message: copies the bytes, takes the handles whatever the result, never waits for the peer.
   *
   * Messages arrive whole, once, and in order; also those sent before the peer was activated. A transport that can no
   * longer send must say so by an `ERROR` notification.
   */
  Transmit(
    transport: IpczDriverHandle,
    data: Uint8Array | null,
    numBytes: number,
    driverHandles: readonly IpczDriverHandle[] | null,
    numDriverHandles: number,
    flags: number,
    options: null,
  ): IpczResult;

  /** The application rejected a parcel that came over `transport`; what to do about it is the driver's policy. */
  ReportBadTransportActivity(
    transport: IpczDriverHandle,
    context: IpczContext,
    flags: number,
    options: null,
  ): IpczResult;

  /** Makes a region of at least `numBytes` zero bytes that can be shared with other nodes. */
  AllocateSharedMemory(
    numBytes: number,
    flags: number,
    options: null,
    driverMemory: Out<IpczDriverHandle>,
  ): IpczResult;

  /** Tells the size of a region. Answers `INVALID_ARGUMENT` when `info.size` is too small. */
  GetSharedMemoryInfo(
    driverMemory: IpczDriverHandle,
    flags: number,
    options: null,
    info: IpczSharedMemoryInfo,
  ): IpczResult;

  /** Makes a second handle to the same region; each is closed by its own owner. */
  DuplicateSharedMemory(
    driverMemory: IpczDriverHandle,
    flags: number,
    options: null,
    newDriverMemory: Out<IpczDriverHandle>,
  ): IpczResult;

  /**
   * Maps a whole region, readable and writable.
   *
   * `address` receives a view of it: at least 8-aligned in its buffer, coherent with every other mapping of the
   * region under `Atomics`. It is valid until `driverMapping` is closed, also when `driverMemory` is closed before;
   * a view used after that must never reach memory of anybody else.
   */
  MapSharedMemory(
    driverMemory: IpczDriverHandle,
    flags: number,
    options: null,
    address: Out<Uint8Array>,
    driverMapping: Out<IpczDriverHandle>,
  ): IpczResult;

  /** Fills the first `numBytes` bytes of `buffer` with random bytes fit for secrets. */
  GenerateRandomBytes(
    numBytes: number,
    flags: number,
    options: null,
    buffer: Uint8Array,
  ): IpczResult;

  /** Back-pressure, for drivers that can tell; a native driver has none. Not part of the C ABI. */
  readonly backlog?: IpczDriverBacklog;
}

/** The names of the 13 functions of {@link IpczDriver}, in ABI order. */
export const IPCZ_DRIVER_FUNCTIONS: readonly (keyof Omit<IpczDriver, "size" | "backlog">)[] = [
  "Close",
  "Serialize",
  "Deserialize",
  "CreateTransports",
  "ActivateTransport",
  "DeactivateTransport",
  "Transmit",
  "ReportBadTransportActivity",
  "AllocateSharedMemory",
  "GetSharedMemoryInfo",
  "DuplicateSharedMemory",
  "MapSharedMemory",
  "GenerateRandomBytes",
];
