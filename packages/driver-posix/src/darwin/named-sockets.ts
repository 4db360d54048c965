/**
 * Sockets with names on macOS: what a call cannot say is set afterwards, and credentials take two options.
 */
import type { Foreign, ForeignLibrary } from "@ipcz/abi/ffi";
import { uninterrupted, type Libc } from "../libc.ts";
import type { NamedSocketCalls } from "../platform.ts";

const AF_UNIX = 1;
const SOCK_STREAM = 1;
const SOL_LOCAL = 0;
const LOCAL_PEERCRED = 1;
const LOCAL_PEERPID = 2;
/** `sizeof(sun_path)`, with the 0 at the end. */
const pathFieldBytes = 104;
/** `struct xucred` in words: version, user, number of groups, 16 groups. */
const credentialWords = 19;

/** Binds them. */
export function darwinNamedSockets(
  foreign: Foreign,
  library: ForeignLibrary,
  libc: Libc,
  prepareSocket: (libc: Libc, descriptor: number) => number,
): NamedSocketCalls {
  const accept = library.bind<(fd: number, address: null, size: null) => number>(
    "int accept(int fd, void *address, void *size)",
  );
  const prepared = (descriptor: number): number => {
    if (descriptor < 0) return descriptor;
    const answer = prepareSocket(libc, descriptor);
    if (answer >= 0) return descriptor;
    libc.close(descriptor);
    return answer;
  };
  return {
    pathBytesMax: pathFieldBytes - 1,
    address: (name) => {
      const address = new Uint8Array(2 + name.length + 1);
      address[0] = address.length;
      address[1] = AF_UNIX;
      address.set(name, 2);
      return address;
    },
    createSocket: () => prepared(libc.socket(AF_UNIX, SOCK_STREAM, 0)),
    accept: (descriptor) => prepared(uninterrupted(foreign, () => accept(descriptor, null, null))),
    peerCredentials: (descriptor) => {
      const facts = new Int32Array(credentialWords);
      const answer = libc.getsockopt(descriptor, SOL_LOCAL, LOCAL_PEERCRED, facts);
      if (answer < 0) return answer;
      const pid = new Int32Array(1);
      libc.getsockopt(descriptor, SOL_LOCAL, LOCAL_PEERPID, pid);
      return { pid: pid[0] ?? 0, uid: (facts[1] ?? 0) >>> 0, gid: (facts[3] ?? 0) >>> 0 };
    },
  };
}
