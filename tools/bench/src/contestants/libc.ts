/**
 * The calls of the C library that the floors are made of. Linux only: the numbers are.
 */
import { foreign, type Address, type ForeignLibrary, type NativeFunction } from "@ipcz/abi/ffi";

type Transfer = (fd: number, bytes: Uint8Array, count: number) => number;
type SocketTransfer = (fd: number, bytes: Uint8Array, count: number, flags: number) => number;

const library: ForeignLibrary = foreign.load(null);

// oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- the declarations below vouch for the signatures
function bind<F extends NativeFunction>(declaration: string): F {
  return library.bind<F>(declaration);
}

export const EAGAIN = 11;

export const socketpair: (
  domain: number,
  type: number,
  protocol: number,
  pair: Int32Array,
) => number = bind("int socketpair(int domain, int type, int protocol, int *pair)");
export const setsockopt: (
  fd: number,
  level: number,
  option: number,
  value: Int32Array,
  size: number,
) => number = bind(
  "int setsockopt(int fd, int level, int option, const int *value, uint32_t size)",
);
export const send: SocketTransfer = bind(
  "int64_t send(int fd, const void *bytes, size_t count, int flags)",
);
export const recv: SocketTransfer = bind(
  "int64_t recv(int fd, void *bytes, size_t count, int flags)",
);
export const read: Transfer = bind("int64_t read(int fd, void *bytes, size_t count)");
export const write: Transfer = bind("int64_t write(int fd, const void *bytes, size_t count)");
export const close: (fd: number) => number = bind("int close(int fd)");
export const pipe2: (pair: Int32Array, flags: number) => number = bind(
  "int pipe2(int *pair, int flags)",
);
export const memfdCreate: (name: string, flags: number) => number = bind(
  "int memfd_create(const char *name, uint32_t flags)",
);
export const ftruncate: (fd: number, size: number) => number = bind(
  "int ftruncate(int fd, int64_t size)",
);
export const mmap: (
  at: null,
  size: number,
  access: number,
  flags: number,
  fd: number,
  offset: number,
) => Address = bind(
  "intptr_t mmap(void *at, size_t size, int access, int flags, int fd, int64_t offset)",
);
