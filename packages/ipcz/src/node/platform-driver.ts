/**
 * What a driver may offer beside its 13 functions, so that a node can start and find others.
 *
 * `@ipcz/driver-posix` offers all of it. A method that is missing makes the node's own one throw
 * `ERR_IPCZ_UNSUPPORTED`.
 */
import type { ChildProcess, SpawnOptions } from "node:child_process";
import type { IpczDriver, IpczDriverHandle } from "@ipcz/api";

/** A driver for the processes of a system. */
export interface PlatformDriver extends IpczDriver {
  /** Starts a process and gives it one end of a new transport. */
  readonly spawnWithTransport?: (
    command: string,
    args?: readonly string[],
    options?: SpawnOptions,
  ) => { readonly child: ChildProcess; readonly transport: IpczDriverHandle };
  /** The transport this process was started with; once; throws when there is none. */
  readonly inheritedTransport?: () => IpczDriverHandle;
  /** Makes a transport of a connected socket; takes it, unless it throws. */
  readonly transportFromDescriptor?: (descriptor: number) => IpczDriverHandle;
}
