/**
 * A reference count that lives inside a fragment, at its start (spec: wire 4.7).
 */
import type { Region } from "./region.ts";

/** Starts the count at one. To be done last, once the fragment is complete. */
export function initialiseRef(region: Region, offset: number): void {
  region.store(offset, 1);
}

/** One more holder. */
export function addRef(region: Region, offset: number): void {
  region.add(offset, 1);
}

/** One holder less. True when it was the last one, who frees the fragment. */
export function releaseRef(region: Region, offset: number): boolean {
  return region.subtract(offset, 1) <= 1;
}
