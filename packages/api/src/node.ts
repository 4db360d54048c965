/**
 * Creating and connecting nodes: the options struct, and what the two functions promise.
 */
import type { IpczDriver } from "./driver.ts";
import type { IpczDriverHandle, IpczHandle, Out } from "./handle.ts";
import type { IpczResult } from "./result.ts";

/** Options of `CreateNode`. C: `IpczCreateNodeOptions`. Read during the call only. */
export interface IpczCreateNodeOptions {
  /** {@link IPCZ_CREATE_NODE_OPTIONS_SIZE}, or more in a later version; less is refused. */
  size: number;
  /** `IPCZ_MEMORY_*` bits. */
  memoryFlags: number;
  /** Feature ids to switch on; unknown ids are ignored. May be null when the count is 0. */
  enabledFeatures: readonly number[] | null;
  /** Elements of `enabledFeatures` to read. */
  numEnabledFeatures: number;
  /** Feature ids to switch off, also when they are in `enabledFeatures`. */
  disabledFeatures: readonly number[] | null;
  /** Elements of `disabledFeatures` to read. */
  numDisabledFeatures: number;
}

/** The node part of {@link IpczAPI}. */
export interface IpczNodeFunctions {
  /**
   * Creates a node over `driver`.
   *
   * The driver is kept, not copied: it must stay valid and unchanged until the node and everything made from it
   * are gone. A broker calls `GenerateRandomBytes` at once, for its name; others are named by their broker.
   *
   * Checks in order (spec: api 2.3.2): `node` or `driver` null, `driver.size` below {@link IPCZ_DRIVER_SIZE},
   * `options.size` below {@link IPCZ_CREATE_NODE_OPTIONS_SIZE}, or one of the 13 driver functions missing:
   * `INVALID_ARGUMENT`.
   *
   * @param flags `IPCZ_CREATE_NODE_AS_BROKER` or 0.
   * @param node receives the node; the caller owns it and ends it with `Close`.
   */
  CreateNode(
    driver: IpczDriver | null,
    flags: number,
    options: IpczCreateNodeOptions | null,
    node: Out<IpczHandle> | null,
  ): IpczResult;

  /**
   * Connects `node` to the node at the other end of `transport`, and opens portals that reach there.
   *
   * The portals work at once: what is put before the handshake ends is queued. When the two ends ask for different
   * numbers, the surplus portals of the larger side see their peer closed. A handshake that fails later closes the
   * peer of all of them.
   *
   * Checks in order (spec: api 2.3.3): not a node, `transport` 0, `numInitialPortals` 0 or `initialPortals` null:
   * `INVALID_ARGUMENT`, the transport stays the caller's. More than {@link IPCZ_MAX_INITIAL_PORTALS}: `OUT_OF_RANGE`,
   * likewise. From here on ipcz owns the transport, whatever the result: flags that do not fit the node:
   * `INVALID_ARGUMENT`; no memory for the link: `RESOURCE_EXHAUSTED`; the transport cannot be activated or written:
   * `UNKNOWN`. On failure the array is filled with 0.
   *
   * @param flags one of: nothing or `TO_BROKER` on a broker; exactly one of `TO_BROKER`, `INHERIT_BROKER` and
   *   `SHARE_BROKER` on any other node; `TO_ALLOCATION_DELEGATE` beside them.
   * @param options reserved, null.
   * @param initialPortals receives `numInitialPortals` handles at 0…; the caller owns them.
   */
  ConnectNode(
    node: IpczHandle,
    transport: IpczDriverHandle,
    numInitialPortals: number,
    flags: number,
    options: null,
    initialPortals: IpczHandle[] | null,
  ): IpczResult;
}
