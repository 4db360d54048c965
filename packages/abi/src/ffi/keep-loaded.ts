/**
 * Keeps the backend's code in memory when a worker ends.
 *
 * The runtime unloads a native module with the last thread that uses it, and only then lets the event loop
 * close what is left on it: a poll handle that is still open would be closed by code that is gone, and crash
 * the process. So the first poll of a worker takes a reference to the backend's library that nobody gives back.
 */
import type { Address, Foreign } from "./foreign.ts";

const RTLD_LAZY = 1;

/**
 * Takes the reference; true when it was to be had. Any callback's entry point lies in the library that is
 * wanted.
 */
export function keepBackendLoaded(foreign: Foreign): boolean {
  const system = foreign.load(null);
  const dladdr = system.bind<(address: Address, info: BigUint64Array) => number>(
    "int dladdr(void *address, void *info)",
  );
  const dlopen = system.bind<(path: Address, flags: number) => Address | null>(
    "void *dlopen(void *path, int flags)",
  );
  const probe = foreign.callback(foreign.prototype("void", []), () => undefined);
  // Dl_info starts with the path of the library, a char pointer.
  const info = new BigUint64Array(4);
  const found = dladdr(probe.address, info) !== 0;
  const path = info[0] ?? 0n;
  const kept = found && path !== 0n && dlopen(path, RTLD_LAZY) !== null;
  probe.release();
  return kept;
}
