/**
 * What a driver may offer beside its 13 functions, so that a node can start and find others.
 *
 * `@ipcz/driver-posix` offers all of it. A method that is missing makes the node's own one throw
 * `ERR_IPCZ_UNSUPPORTED`.
 */
import type { ChildProcess, SpawnOptions } from "node:child_process";
import type { IpczDriverHandle } from "@ipcz/api";
import type { DescriptorDriver } from "../objects/context.ts";

/** Who is at the other end of a connection, as the system knows it; null for what this system does not say. */
export interface PeerCredentials {
  /** Its process when it connected, or began to listen. */
  readonly pid: number | null;
  /** Its user then. */
  readonly uid: number | null;
  /** Its group then. */
  readonly gid: number | null;
}

/** How to listen at a name of the system. */
export interface DriverListenOptions {
  /** Permissions of the socket's file; 0o600 by default, where there are files. */
  readonly mode?: number;
  /** Connections that may wait in the system to be accepted. */
  readonly backlog?: number;
}

/** A name of the system that is listened at. */
export interface DriverListener {
  /** Stops listening, and removes what can be seen of it. */
  close(): void;
}

/** A driver for the processes of a system, whoever wrote it. */
export interface PlatformDriver extends DescriptorDriver {
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
  /** Listens for processes that connect; each gets a transport, which is the handler's. Throws when it cannot. */
  readonly listen?: (
    path: string,
    options: DriverListenOptions & {
      /** What the nodes of those who connect are. */
      readonly destination: "broker" | "non-broker";
    },
    handler: (transport: IpczDriverHandle, peer: PeerCredentials) => void,
  ) => DriverListener;
  /** A transport connected to whoever listens at `path`. */
  readonly connectTo?: (
    path: string,
    options?: { readonly signal?: AbortSignal | undefined },
  ) => Promise<IpczDriverHandle>;
  /** Who is at the other end of a transport. */
  readonly peerCredentials?: (transport: IpczDriverHandle) => PeerCredentials;
  /** Whether what is open, and what will be, keeps the process alive. */
  readonly keepAlive?: (wanted: boolean) => void;
}

/** A driver of this project for the processes of a system: what those of all systems have. */
export interface SystemDriver extends PlatformDriver {
  readonly spawnWithTransport: NonNullable<PlatformDriver["spawnWithTransport"]>;
  readonly inheritedTransport: NonNullable<PlatformDriver["inheritedTransport"]>;
  readonly listen: NonNullable<PlatformDriver["listen"]>;
  readonly connectTo: NonNullable<PlatformDriver["connectTo"]>;
  readonly peerCredentials: NonNullable<PlatformDriver["peerCredentials"]>;
  readonly keepAlive: NonNullable<PlatformDriver["keepAlive"]>;
  /** How many objects of each kind it holds; all 0 when nothing is left over. */
  readonly liveObjects: () => object;
  /** Closes everything that is open, without waiting for anything to be sent. */
  readonly dispose: () => void;
}
