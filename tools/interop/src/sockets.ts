/**
 * Pairs of connected sockets with buffers so large that no sender's backlog is ever flushed in parts.
 *
 * The C library's reference driver sends a message again from its start when a part of it was left over: its peer then
 * reads nonsense. Whoever starts a process here makes the sockets, so it can be kept from that.
 */
import { foreign } from "@ipcz/abi/ffi";

const libc = foreign.load(null);
const socketpair = libc.bind<
  (domain: number, type: number, protocol: number, pair: Int32Array) => number
>("int socketpair(int domain, int type, int protocol, void *pair)");
const setsockopt = libc.bind<
  (descriptor: number, level: number, option: number, value: Int32Array, size: number) => number
>("int setsockopt(int descriptor, int level, int option, void *value, uint32_t size)");
const closeDescriptor = libc.bind<(descriptor: number) => number>("int close(int descriptor)");

const AF_UNIX = 1;
const SOCK_STREAM_CLOEXEC_NONBLOCK = 1 | 0o2000000 | 0o4000;
const SOL_SOCKET = 1;
const SO_SNDBUF = 7;
/** For those who may exceed the system's limit. */
const SO_SNDBUFFORCE = 32;
const BUFFER_BYTES = 32 * 1024 * 1024;

/** Two descriptors; the caller's. */
export function createSockets(): [number, number] {
  const pair = new Int32Array(2);
  if (socketpair(AF_UNIX, SOCK_STREAM_CLOEXEC_NONBLOCK, 0, pair) !== 0) {
    throw new Error(`socketpair failed with ${String(foreign.errno())}`);
  }
  const [left = -1, right = -1] = pair;
  const size = new Int32Array([BUFFER_BYTES]);
  for (const descriptor of [left, right]) {
    if (setsockopt(descriptor, SOL_SOCKET, SO_SNDBUFFORCE, size, 4) !== 0) {
      setsockopt(descriptor, SOL_SOCKET, SO_SNDBUF, size, 4);
    }
  }
  return [left, right];
}

/** Closes a descriptor. */
export function closeSocket(descriptor: number): void {
  closeDescriptor(descriptor);
}
