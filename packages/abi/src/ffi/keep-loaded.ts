/**
 * Keeps native code in memory while threads that nobody here can wait for may still run in it: each library gets one
 * reference of the system's loader more, which nobody gives back.
 *
 * The backend unloads the libraries it has loaded when JavaScript ends, in a process as in a worker. Threads of a
 * library end when they like: one that was about to return at that moment crashes the process.
 *
 * The runtime unloads a native module with the last thread that uses it, and only then lets the event loop
 * close what is left on it: a poll handle that is still open would be closed by code that is gone, and crash
 * the process. So the first poll of a worker keeps the backend's library, too.
 */
import process from "node:process";
import type { Address, Foreign } from "./foreign.ts";

const RTLD_LAZY = 1;

/** Keeps the library at `path`, which is loaded. */
export function keepLibraryLoaded(foreign: Foreign, path: string): void {
  if (process.platform === "win32") {
    foreign.load("kernel32.dll").bind<(path: string) => unknown>("void *LoadLibraryW(str16 path)")(
      path,
    );
  } else dlopen(foreign, new TextEncoder().encode(`${path}\0`));
}

/**
 * Keeps the backend's library; true when it was to be had. Any callback's entry point lies in the library that is
 * wanted.
 */
export function keepBackendLoaded(foreign: Foreign): boolean {
  const system = foreign.load(null);
  const dladdr = system.bind<(address: Address, info: BigUint64Array) => number>(
    "int dladdr(void *address, void *info)",
  );
  const probe = foreign.callback(foreign.prototype("void", []), () => undefined);
  // Dl_info starts with the path of the library, a char pointer.
  const info = new BigUint64Array(4);
  const found = dladdr(probe.address, info) !== 0;
  const path = info[0] ?? 0n;
  const kept = found && path !== 0n && dlopen(foreign, path);
  probe.release();
  return kept;
}

/** Takes a reference; true when it was to be had. The path ends with a zero. */
function dlopen(foreign: Foreign, path: Address | Uint8Array): boolean {
  const open = foreign
    .load(null)
    .bind<(path: Address | Uint8Array, flags: number) => Address | null>(
      "void *dlopen(void *path, int flags)",
    );
  return open(path, RTLD_LAZY) !== null;
}
