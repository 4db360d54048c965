/**
 * What lanes need of Linux: names in the abstract namespace, and pipes.
 */
import { constants, openSync, readlinkSync } from "node:fs";
import type { Foreign, ForeignLibrary } from "@ipcz/abi/ffi";
import { uninterrupted, type Libc } from "../libc.ts";
import { errnos } from "../os-error.ts";
import type { LaneCalls } from "../platform.ts";

const AF_UNIX = 1;
const O_CLOEXEC = 0o2000000;
const O_NONBLOCK = 0o4000;
/** `sun_family`, and the 0 that makes a name abstract. */
const nameStart = 3;

/** Binds them. */
export function linuxLaneCalls(foreign: Foreign, library: ForeignLibrary, libc: Libc): LaneCalls {
  const pipe2 = library.bind<(pair: Int32Array, flags: number) => number>(
    "int pipe2(void *pair, int flags)",
  );
  return {
    nameSocket: (descriptor, name) => libc.bind(descriptor, abstractAddress(name)),
    peerName: (descriptor) => {
      const address = new Uint8Array(128);
      if (libc.getpeername(descriptor, address) < 0) return null;
      const isAbstract = address[0] === AF_UNIX && address[2] === 0;
      const text = new TextDecoder("latin1").decode(address.subarray(nameStart));
      return isAbstract ? text.replace(/\0*$/, "") : null;
    },
    createPipe: (pair) => uninterrupted(foreign, () => pipe2(pair, O_CLOEXEC | O_NONBLOCK)),
    reopenPipe,
  };
}

function abstractAddress(name: string): Uint8Array {
  const address = new Uint8Array(nameStart + name.length);
  address[0] = AF_UNIX;
  address.set(new TextEncoder().encode(name), nameStart);
  return address;
}

/**
 * Whether a descriptor blocks is said by its description, which the sender of a descriptor keeps a share in. The
 * link of an anonymous pipe reads like no path; opening anything else could wait for a stranger's file system.
 */
function reopenPipe(descriptor: number): number {
  const link = `/proc/self/fd/${descriptor}`;
  try {
    if (!readlinkSync(link).startsWith("pipe:[")) return -errnos.EINVAL;
    return openSync(link, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    return (error as NodeJS.ErrnoException).errno ?? -errnos.EACCES;
  }
}
