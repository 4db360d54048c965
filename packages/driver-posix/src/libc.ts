/**
 * Every libc function called on all systems, with its C signature. Each answers with what C answers with, or
 * with the negative of `errno`; calls that a signal interrupted are repeated.
 */
import type { Address, Foreign, ForeignLibrary } from "@ipcz/abi/ffi";
import { errnos } from "./os-error.ts";

/** The C library, as the driver sees it. */
export interface Libc {
  /** Closes a descriptor. Never repeated: it is closed whatever the answer. */
  close(descriptor: number): number;
  fcntl(descriptor: number, command: number, value: number): number;
  /** Reads up to `numBytes` bytes to `address`. */
  read(descriptor: number, address: Address, numBytes: number): number;
  /** Writes up to `numBytes` bytes at `address`. */
  write(descriptor: number, address: Address, numBytes: number): number;
  ftruncate(descriptor: number, numBytes: number): number;
  /** Fills `pair` with two connected descriptors. */
  socketpair(domain: number, type: number, protocol: number, pair: Int32Array): number;
  socket(domain: number, type: number, protocol: number): number;
  /** Gives a socket a name: a whole `sockaddr`. */
  bind(descriptor: number, address: Uint8Array): number;
  /** From now on up to `backlog` connections wait to be accepted. */
  listen(descriptor: number, backlog: number): number;
  /** Connects to the socket of that name. */
  connect(descriptor: number, address: Uint8Array): number;
  /** Reads an `int` option into `value[0]`. */
  getsockopt(descriptor: number, level: number, option: number, value: Int32Array): number;
  /** Sets an `int` option from `value[0]`. */
  setsockopt(descriptor: number, level: number, option: number, value: Int32Array): number;
  getsockname(descriptor: number, address: Uint8Array): number;
  getpeername(descriptor: number, address: Uint8Array): number;
  /** Sends what the `msghdr` at `message` describes; bytes sent. */
  sendmsg(descriptor: number, message: Address, flags: number): number;
  /** Sends `numBytes` bytes at `address`; bytes sent. Cheaper than `sendmsg` by a tenth of a microsecond. */
  send(descriptor: number, address: Address, numBytes: number, flags: number): number;
  /** Receives into what the `msghdr` at `message` describes; bytes received. */
  recvmsg(descriptor: number, message: Address, flags: number): number;
  /** Maps memory: its address, or the negative of `errno`. */
  mmap(
    address: Address,
    numBytes: number,
    protection: number,
    flags: number,
    descriptor: number,
  ): bigint;
  munmap(address: Address, numBytes: number): number;
  /** Lets another thread run on this processor. */
  yieldProcessor(): void;
  /** Counts what was got by these functions and has an owner: each `Descriptor`. */
  readonly owned: { descriptors: number };
}

/** Binds the functions of `library`, the process's own. */
export function bindLibc(foreign: Foreign, library: ForeignLibrary): Libc {
  return {
    ...bindFiles(foreign, library),
    ...bindSockets(foreign, library),
    ...bindNames(foreign, library),
    ...bindMessages(foreign, library),
    ...bindMappings(foreign, library),
    yieldProcessor: library.bind<() => number>("int sched_yield(void)"),
    owned: { descriptors: 0 },
  };
}

/** Repeats `call` while signals interrupt it; for calls that are not made often. */
export function uninterrupted(foreign: Foreign, call: () => number): number {
  for (;;) {
    const answer = call();
    if (answer >= 0) return answer;
    const errno = foreign.errno();
    if (errno !== errnos.EINTR) return -errno;
  }
}

function bindFiles(
  foreign: Foreign,
  library: ForeignLibrary,
): Pick<Libc, "close" | "fcntl" | "ftruncate" | "read" | "write"> {
  const close = library.bind<(fd: number) => number>("int close(int fd)");
  // Its further arguments are variadic, which is another calling convention on some machines.
  const fcntl = library.bind<(fd: number, command: number, type: "int", value: number) => number>(
    "int fcntl(int fd, int command, ...)",
  );
  type Transfer = (fd: number, bytes: Address, count: number) => number;
  const read = library.bind<Transfer>("int64_t read(int fd, void *bytes, size_t count)");
  const write = library.bind<Transfer>("int64_t write(int fd, void *bytes, size_t count)");
  const ftruncate = library.bind<(fd: number, length: number) => number>(
    "int ftruncate(int fd, int64_t length)",
  );
  return {
    close: (fd) => (close(fd) < 0 ? -foreign.errno() : 0),
    fcntl: (fd, command, value) => uninterrupted(foreign, () => fcntl(fd, command, "int", value)),
    read: (fd, address, numBytes) => uninterrupted(foreign, () => read(fd, address, numBytes)),
    write: (fd, address, numBytes) => uninterrupted(foreign, () => write(fd, address, numBytes)),
    ftruncate: (fd, numBytes) => uninterrupted(foreign, () => ftruncate(fd, numBytes)),
  };
}

function bindSockets(
  foreign: Foreign,
  library: ForeignLibrary,
): Pick<Libc, "socketpair" | "getsockopt" | "setsockopt"> {
  const socketpair = library.bind<
    (domain: number, type: number, protocol: number, pair: Int32Array) => number
  >("int socketpair(int domain, int type, int protocol, void *pair)");
  const getsockopt = library.bind<
    (fd: number, level: number, option: number, value: Int32Array, size: Uint32Array) => number
  >("int getsockopt(int fd, int level, int option, void *value, void *size)");
  const setsockopt = library.bind<
    (fd: number, level: number, option: number, value: Int32Array, size: number) => number
  >("int setsockopt(int fd, int level, int option, void *value, uint32_t size)");
  const call = (action: () => number): number => uninterrupted(foreign, action);
  return {
    socketpair: (domain, type, protocol, pair) =>
      call(() => socketpair(domain, type, protocol, pair)),
    getsockopt: (fd, level, option, value) =>
      call(() => getsockopt(fd, level, option, value, sizeOf(value))),
    setsockopt: (fd, level, option, value) =>
      call(() => setsockopt(fd, level, option, value, value.byteLength)),
  };
}

function bindNames(
  foreign: Foreign,
  library: ForeignLibrary,
): Pick<Libc, "socket" | "bind" | "listen" | "connect" | "getsockname" | "getpeername"> {
  const socket = library.bind<(domain: number, type: number, protocol: number) => number>(
    "int socket(int domain, int type, int protocol)",
  );
  const bind = library.bind<(fd: number, address: Uint8Array, size: number) => number>(
    "int bind(int fd, void *address, uint32_t size)",
  );
  const listen = library.bind<(fd: number, backlog: number) => number>(
    "int listen(int fd, int backlog)",
  );
  const connect = library.bind<(fd: number, address: Uint8Array, size: number) => number>(
    "int connect(int fd, void *address, uint32_t size)",
  );
  type Name = (fd: number, address: Uint8Array, size: Uint32Array) => number;
  const getsockname = library.bind<Name>("int getsockname(int fd, void *address, void *size)");
  const getpeername = library.bind<Name>("int getpeername(int fd, void *address, void *size)");
  const call = (action: () => number): number => uninterrupted(foreign, action);
  return {
    socket: (domain, type, protocol) => call(() => socket(domain, type, protocol)),
    bind: (fd, address) => call(() => bind(fd, address, address.length)),
    listen: (fd, backlog) => call(() => listen(fd, backlog)),
    connect: (fd, address) => call(() => connect(fd, address, address.length)),
    getsockname: (fd, address) => call(() => getsockname(fd, address, sizeOf(address))),
    getpeername: (fd, address) => call(() => getpeername(fd, address, sizeOf(address))),
  };
}

/** The in-out length of a socket address or option. */
function sizeOf(bytes: ArrayBufferView): Uint32Array {
  return new Uint32Array([bytes.byteLength]);
}

type BytesCall = (descriptor: number, address: Address, numBytes: number, flags: number) => number;
type MessageCall = (descriptor: number, message: Address, flags: number) => number;

function bindMessages(
  foreign: Foreign,
  library: ForeignLibrary,
): Pick<Libc, "send" | "sendmsg" | "recvmsg"> {
  const send = library.bind<BytesCall>(
    "int64_t send(int fd, void *bytes, size_t count, int flags)",
  );
  const sendmsg = library.bind<MessageCall>("int64_t sendmsg(int fd, void *message, int flags)");
  const recvmsg = library.bind<MessageCall>("int64_t recvmsg(int fd, void *message, int flags)");
  // The hot three: no closure per call.
  const repeat = (callee: MessageCall): MessageCall => {
    return (fd, message, flags) => {
      for (;;) {
        const answer = callee(fd, message, flags);
        if (answer >= 0) return answer;
        const errno = foreign.errno();
        if (errno !== errnos.EINTR) return -errno;
      }
    };
  };
  return {
    send: (fd, bytes, count, flags) => {
      for (;;) {
        const answer = send(fd, bytes, count, flags);
        if (answer >= 0) return answer;
        const errno = foreign.errno();
        if (errno !== errnos.EINTR) return -errno;
      }
    },
    sendmsg: repeat(sendmsg),
    recvmsg: repeat(recvmsg),
  };
}

function bindMappings(foreign: Foreign, library: ForeignLibrary): Pick<Libc, "mmap" | "munmap"> {
  const failed = 0xffff_ffff_ffff_ffffn;
  const mmap = library.bind<
    (
      address: Address,
      numBytes: number,
      protection: number,
      flags: number,
      fd: number,
      offset: number,
    ) => Address | null
  >("void *mmap(void *address, size_t bytes, int protection, int flags, int fd, int64_t offset)");
  const munmap = library.bind<(address: Address, numBytes: number) => number>(
    "int munmap(void *address, size_t bytes)",
  );
  return {
    mmap: (address, numBytes, protection, flags, fd) => {
      const answer = mmap(address, numBytes, protection, flags, fd, 0) ?? failed;
      return answer === failed ? BigInt(-foreign.errno()) : answer;
    },
    munmap: (address, numBytes) => (munmap(address, numBytes) < 0 ? -foreign.errno() : 0),
  };
}
