/**
 * macOS: no memfd (POSIX shared memory, unlinked at once), no seals (shared memory is sized once), and
 * close-on-exec, non-blocking and "raise no signal" take calls of their own.
 */
import { randomBytes } from "node:crypto";
import { fstatSync } from "node:fs";
import type { Foreign, ForeignLibrary } from "@ipcz/abi/ffi";
import { uninterrupted, type Libc } from "../libc.ts";
import { errnos } from "../os-error.ts";
import type { Platform } from "../platform.ts";
import { darwinMessageLayout } from "./message-layout.ts";
import { darwinNamedSockets } from "./named-sockets.ts";

const ETOOMANYREFS = 59;
const AF_UNIX = 1;
const SOCK_STREAM = 1;
const SOL_SOCKET = 0xffff;
const SO_NOSIGPIPE = 0x1022;
const MSG_DONTWAIT = 0x80;
const F_SETFD = 2;
const F_GETFL = 3;
const F_SETFL = 4;
const F_DUPFD_CLOEXEC = 67;
const FD_CLOEXEC = 1;
const O_ACCMODE = 0x3;
const O_RDONLY = 0x0;
const O_RDWR = 0x2;
const O_NONBLOCK = 0x4;
const O_CREAT = 0x200;
const O_EXCL = 0x800;

/** Names of shared memory may have 31 bytes here; this one has 27. */
export function sharedMemoryName(): string {
  return `/ipcz.${randomBytes(10).toString("hex")}`;
}

interface SharedMemoryCalls {
  open(name: string): number;
  unlink(name: string): number;
}

/** macOS. */
export function darwinPlatform(foreign: Foreign, library: ForeignLibrary, libc: Libc): Platform {
  const memory = bindSharedMemory(foreign, library);
  return {
    name: "darwin",
    layout: darwinMessageLayout,
    socket: {
      level: SOL_SOCKET,
      typeOption: 0x1008,
      sendBufferOption: 0x1001,
      receiveBufferOption: 0x1002,
      sendFlags: MSG_DONTWAIT,
      receiveFlags: MSG_DONTWAIT,
      controlTruncatedFlag: 0x20,
    },
    map: { readWrite: 0x3, shared: 0x1, private: 0x2, overlay: 0x0002 | 0x1000 | 0x0010 },
    shortages: new Set([errnos.ENOBUFS, errnos.ENOMEM, ETOOMANYREFS]),
    createSocketPair: (pair) => createSocketPair(libc, pair),
    prepareSocket: (descriptor) => prepareSocket(libc, descriptor),
    socketFamily: (descriptor) => {
      const address = new Uint8Array(128);
      const answer = libc.getsockname(descriptor, address);
      // The length comes first; the family is one byte.
      return answer < 0 ? answer : (address[1] ?? 0);
    },
    prepareReceived: (descriptor) => void libc.fcntl(descriptor, F_SETFD, FD_CLOEXEC),
    duplicate: (descriptor) => libc.fcntl(descriptor, F_DUPFD_CLOEXEC, 0),
    createMemory: (numBytes) => createMemory(libc, memory, numBytes),
    acceptMemory: (descriptor, isReadOnly) => acceptMemory(libc, descriptor, isReadOnly),
    named: darwinNamedSockets(foreign, library, libc, prepareSocket),
    // A name for a socket would be a file.
    lanes: null,
  };
}

function bindSharedMemory(foreign: Foreign, library: ForeignLibrary): SharedMemoryCalls {
  // The mode is a variadic argument here, promoted to int.
  const open = library.bind<(name: string, flags: number, type: "int", mode: number) => number>(
    "int shm_open(const char *name, int flags, ...)",
  );
  const unlink = library.bind<(name: string) => number>("int shm_unlink(const char *name)");
  return {
    open: (name) =>
      uninterrupted(foreign, () => open(name, O_CREAT | O_EXCL | O_RDWR, "int", 0o600)),
    unlink: (name) => uninterrupted(foreign, () => unlink(name)),
  };
}

function createSocketPair(libc: Libc, pair: Int32Array): number {
  const answer = libc.socketpair(AF_UNIX, SOCK_STREAM, 0, pair);
  if (answer < 0) return answer;
  for (const descriptor of pair) {
    const prepared = prepareSocket(libc, descriptor);
    if (prepared < 0) {
      for (const each of pair) libc.close(each);
      return prepared;
    }
  }
  return 0;
}

function prepareSocket(libc: Libc, descriptor: number): number {
  const closing = libc.fcntl(descriptor, F_SETFD, FD_CLOEXEC);
  if (closing < 0) return closing;
  const flags = libc.fcntl(descriptor, F_GETFL, 0);
  if (flags < 0) return flags;
  const blocking = libc.fcntl(descriptor, F_SETFL, flags | O_NONBLOCK);
  if (blocking < 0) return blocking;
  return libc.setsockopt(descriptor, SOL_SOCKET, SO_NOSIGPIPE, new Int32Array([1]));
}

function createMemory(libc: Libc, memory: SharedMemoryCalls, numBytes: number): number {
  const name = sharedMemoryName();
  const descriptor = memory.open(name);
  if (descriptor < 0) return descriptor;
  memory.unlink(name);
  const sized = libc.ftruncate(descriptor, numBytes);
  if (sized >= 0) return descriptor;
  libc.close(descriptor);
  return sized;
}

/** Shared memory takes its size once and keeps it; a file could be cut under our mapping, and is refused. */
function acceptMemory(libc: Libc, descriptor: number, isReadOnly: boolean): boolean {
  const flags = libc.fcntl(descriptor, F_GETFL, 0);
  if (flags < 0 || (flags & O_ACCMODE) !== (isReadOnly ? O_RDONLY : O_RDWR)) return false;
  const stats = fstatSync(descriptor);
  return !stats.isFile() && !stats.isSocket() && !stats.isFIFO();
}
