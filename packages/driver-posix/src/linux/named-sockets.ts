/**
 * Sockets with names on Linux: flags at the call, abstract names, and credentials in one option.
 */
import type { Foreign, ForeignLibrary } from "@ipcz/abi/ffi";
import { uninterrupted, type Libc } from "../libc.ts";
import type { NamedSocketCalls } from "../platform.ts";

const AF_UNIX = 1;
const SOCK_STREAM = 1;
const SOCK_CLOEXEC = 0o2000000;
const SOCK_NONBLOCK = 0o4000;
const SOL_SOCKET = 1;
const SO_PEERCRED = 17;
/** `sizeof(sun_path)`, with the 0 at the end. */
const pathFieldBytes = 108;

/** Binds them. */
export function linuxNamedSockets(
  foreign: Foreign,
  library: ForeignLibrary,
  libc: Libc,
): NamedSocketCalls {
  const accept4 = library.bind<(fd: number, address: null, size: null, flags: number) => number>(
    "int accept4(int fd, void *address, void *size, int flags)",
  );
  const flags = SOCK_CLOEXEC | SOCK_NONBLOCK;
  return {
    pathBytesMax: pathFieldBytes - 1,
    address: (name) => {
      // The length of an abstract name is that of the address; a path ends with a 0.
      const isAbstract = name[0] === 0;
      const address = new Uint8Array(2 + name.length + (isAbstract ? 0 : 1));
      address[0] = AF_UNIX;
      address.set(name, 2);
      return address;
    },
    createSocket: () => libc.socket(AF_UNIX, SOCK_STREAM | flags, 0),
    accept: (descriptor) => uninterrupted(foreign, () => accept4(descriptor, null, null, flags)),
    peerCredentials: (descriptor) => {
      const facts = new Int32Array(3);
      const answer = libc.getsockopt(descriptor, SOL_SOCKET, SO_PEERCRED, facts);
      if (answer < 0) return answer;
      const [pid = 0, uid = 0, gid = 0] = facts;
      return { pid, uid: uid >>> 0, gid: gid >>> 0 };
    },
  };
}
