/**
 * Linux: memfd with seals, and flags that do at the call what elsewhere takes a second call.
 */
import { closeSync, constants, fstatSync, openSync } from "node:fs";
import type { Foreign, ForeignLibrary } from "@ipcz/abi/ffi";
import { uninterrupted, type Libc } from "../libc.ts";
import { errnos } from "../os-error.ts";
import type { Platform } from "../platform.ts";
import { linuxLaneCalls } from "./lane-calls.ts";
import { linuxMessageLayout } from "./message-layout.ts";
import { linuxNamedSockets } from "./named-sockets.ts";

const ETOOMANYREFS = 109;
const AF_UNIX = 1;
const SOCK_STREAM = 1;
const SOCK_CLOEXEC = 0o2000000;
const SOCK_NONBLOCK = 0o4000;
const MSG_DONTWAIT = 0x40;
const MSG_NOSIGNAL = 0x4000;
const MSG_CMSG_CLOEXEC = 0x4000_0000;
const F_SETFD = 2;
const F_GETFL = 3;
const F_SETFL = 4;
const F_DUPFD_CLOEXEC = 1030;
const F_ADD_SEALS = 1033;
const F_GET_SEALS = 1034;
const F_SEAL_SHRINK = 2;
const FD_CLOEXEC = 1;
const O_ACCMODE = 3;
const O_RDONLY = 0;
const O_RDWR = 2;
const O_CLOEXEC = 0o2000000;
const O_NONBLOCK = 0o4000;
const MFD_CLOEXEC = 1;
const MFD_ALLOW_SEALING = 2;

/** The name memory objects show in /proc, the C library's. */
const memoryName = "/ipcz/mem";

/** Page sizes go up to this; a larger block size means huge pages. */
const pageBytesMax = 64 * 1024;

/** Linux. */
export function linuxPlatform(foreign: Foreign, library: ForeignLibrary, libc: Libc): Platform {
  const memfdCreate = library.bind<(name: string, flags: number) => number>(
    "int memfd_create(const char *name, unsigned int flags)",
  );
  return {
    name: "linux",
    layout: linuxMessageLayout,
    socket: {
      level: 1,
      typeOption: 3,
      sendBufferOption: 7,
      receiveBufferOption: 8,
      sendFlags: MSG_DONTWAIT | MSG_NOSIGNAL,
      receiveFlags: MSG_DONTWAIT | MSG_CMSG_CLOEXEC,
      controlTruncatedFlag: 0x8,
    },
    map: { readWrite: 0x3, shared: 0x1, private: 0x2, overlay: 0x02 | 0x20 | 0x10 },
    shortages: new Set([errnos.ENOBUFS, errnos.ENOMEM, ETOOMANYREFS]),
    createSocketPair: (pair) =>
      libc.socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair),
    prepareSocket: (descriptor) => prepareSocket(libc, descriptor),
    socketFamily: (descriptor) => socketFamily(libc, descriptor),
    prepareReceived: () => undefined,
    duplicate: (descriptor) => libc.fcntl(descriptor, F_DUPFD_CLOEXEC, 0),
    createMemory: (numBytes) => createMemory(foreign, libc, memfdCreate, numBytes),
    acceptMemory: (descriptor, isReadOnly) => acceptMemory(libc, descriptor, isReadOnly),
    named: linuxNamedSockets(foreign, library, libc),
    lanes: linuxLaneCalls(foreign, library, libc),
  };
}

function prepareSocket(libc: Libc, descriptor: number): number {
  const closing = libc.fcntl(descriptor, F_SETFD, FD_CLOEXEC);
  if (closing < 0) return closing;
  const flags = libc.fcntl(descriptor, F_GETFL, 0);
  return flags < 0 ? flags : libc.fcntl(descriptor, F_SETFL, flags | O_NONBLOCK);
}

function socketFamily(libc: Libc, descriptor: number): number {
  const address = new Uint8Array(128);
  const answer = libc.getsockname(descriptor, address);
  return answer < 0 ? answer : new DataView(address.buffer).getUint16(0, true);
}

function createMemory(
  foreign: Foreign,
  libc: Libc,
  memfdCreate: (name: string, flags: number) => number,
  numBytes: number,
): number {
  const flags = MFD_CLOEXEC | MFD_ALLOW_SEALING;
  const descriptor = uninterrupted(foreign, () => memfdCreate(memoryName, flags));
  if (descriptor < 0) return descriptor;
  const sized = libc.ftruncate(descriptor, numBytes);
  const failed = sized < 0 ? sized : libc.fcntl(descriptor, F_ADD_SEALS, F_SEAL_SHRINK);
  if (failed >= 0) return descriptor;
  libc.close(descriptor);
  return failed;
}

/**
 * Memory that shrinks under a mapping kills the process that touches it, so a stranger's object must be sealed
 * against that, or let itself be sealed. Only memory files know seals. One of huge pages is refused: a page the
 * peer has given back may not come again.
 */
function acceptMemory(libc: Libc, descriptor: number, isReadOnly: boolean): boolean {
  const seals = libc.fcntl(descriptor, F_GET_SEALS, 0);
  if (seals < 0) return false;
  const flags = libc.fcntl(descriptor, F_GETFL, 0);
  if (flags < 0 || (flags & O_ACCMODE) !== (isReadOnly ? O_RDONLY : O_RDWR)) return false;
  if (fstatSync(descriptor).blksize > pageBytesMax) return false;
  if ((seals & F_SEAL_SHRINK) !== 0) return true;
  return isReadOnly ? sealAnew(libc, descriptor) : seal(libc, descriptor);
}

function seal(libc: Libc, descriptor: number): boolean {
  return libc.fcntl(descriptor, F_ADD_SEALS, F_SEAL_SHRINK) >= 0;
}

/** Seals are for those who may write: a descriptor that may not is opened anew for this. */
function sealAnew(libc: Libc, descriptor: number): boolean {
  try {
    const writable = openSync(`/proc/self/fd/${descriptor}`, constants.O_RDWR | O_CLOEXEC);
    try {
      return seal(libc, writable);
    } finally {
      closeSync(writable);
    }
  } catch {
    // Closed to writers, or no /proc here.
    return false;
  }
}
