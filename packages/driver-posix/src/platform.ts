/**
 * What differs between POSIX systems, behind one small interface. Each system has its own folder.
 */
import type { MessageLayout } from "./message-layout.ts";

/** Numbers of the socket interface. */
export interface SocketNumbers {
  /** `SOL_SOCKET`. */
  readonly level: number;
  /** `SO_TYPE`. */
  readonly typeOption: number;
  /** `SO_SNDBUF`. */
  readonly sendBufferOption: number;
  /** `SO_RCVBUF`. */
  readonly receiveBufferOption: number;
  /** Flags of every send: do not wait, raise no signal (where a flag can say so). */
  readonly sendFlags: number;
  /** Flags of every receive: do not wait, close-on-exec (where a flag can say so). */
  readonly receiveFlags: number;
  /** `MSG_CTRUNC`. */
  readonly controlTruncatedFlag: number;
}

/** Numbers of `mmap`. */
export interface MapNumbers {
  /** `PROT_READ | PROT_WRITE`. */
  readonly readWrite: number;
  /** `MAP_SHARED`. */
  readonly shared: number;
  /** `MAP_PRIVATE`: what is written here stays here. */
  readonly private: number;
  /** `MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED`: fresh zero pages exactly there. */
  readonly overlay: number;
}

/** What lanes need beside memory; see `lane/`. */
export interface LaneCalls {
  /** Gives a connected socket a name that its peer can read and that leaves nothing behind. */
  nameSocket(descriptor: number, name: string): number;
  /** The name of a socket's peer; null when it has none of that kind. */
  peerName(descriptor: number): string | null;
  /** Makes a pipe whose ends are close-on-exec and never block; fills `pair`, the reading end first. */
  createPipe(pair: Int32Array): number;
  /** Opens the reading end of a stranger's pipe anew, so that nobody else can make it block. */
  reopenPipe(descriptor: number): number;
}

/** Who is at the other end of a Unix socket, as the system knows it. */
export interface PeerCredentials {
  /** Its process when it connected, or when it began to listen; 0 where the system does not say. */
  readonly pid: number;
  /** Its effective user then. */
  readonly uid: number;
  /** Its effective group then. */
  readonly gid: number;
}

/** What sockets with names take. */
export interface NamedSocketCalls {
  /** Most bytes of a path. */
  readonly pathBytesMax: number;
  /** A `sockaddr_un` of that name; of a path, or where there is such a thing of an abstract name (0 first). */
  address(name: Uint8Array): Uint8Array;
  /** A stream socket, prepared, not connected. */
  createSocket(): number;
  /** The next connection of a listening socket, prepared. */
  accept(descriptor: number): number;
  /** Who is at the other end; a number below 0 is the negative of `errno`. */
  peerCredentials(descriptor: number): PeerCredentials | number;
}

/** One POSIX system. Calls answer 0 or more, or the negative of `errno`. */
export interface Platform {
  readonly name: string;
  readonly layout: MessageLayout;
  readonly socket: SocketNumbers;
  readonly map: MapNumbers;
  /** Error numbers of a send that mean "later": out of buffers, or too many descriptors in flight. */
  readonly shortages: ReadonlySet<number>;
  /** Makes a connected stream socket pair, both ends prepared; fills `pair`. */
  createSocketPair(pair: Int32Array): number;
  /** Makes a foreign socket like one of ours: close-on-exec, non-blocking, raising no signal. */
  prepareSocket(descriptor: number): number;
  /** The address family of a socket; `AF_UNIX` is 1. */
  socketFamily(descriptor: number): number;
  /** After a descriptor was received: what could not be said at the call. */
  prepareReceived(descriptor: number): void;
  /** A second descriptor for the same object, close-on-exec. */
  duplicate(descriptor: number): number;
  /** Makes a zero-filled memory object of that size, which nobody can shrink. */
  createMemory(numBytes: number): number;
  /**
   * True when a stranger's descriptor is memory that nobody can shrink from now on, and allows exactly what it should:
   * reading, or reading and writing.
   */
  acceptMemory(descriptor: number, isReadOnly: boolean): boolean;
  readonly named: NamedSocketCalls;
  /** Null on a system without what they need. */
  readonly lanes: LaneCalls | null;
}
