/**
 * A descriptor resolved: null, pending or addressable.
 *
 * Pending means that its buffer has not been announced on this link yet. Addressable means that its whole span lies in
 * a mapped buffer; nothing is said about what is in it.
 */
import { type FragmentDescriptor, NULL_FRAGMENT } from "../wire/descriptors.ts";
import { NO_BUFFER } from "../wire/ids.ts";
import type { Region } from "./region.ts";

export class Fragment {
  /** As it came, or goes, in a message: `size` selects the free list, so it is passed on unchanged. */
  readonly descriptor: FragmentDescriptor;
  /** The buffer; offsets in it are the descriptor's. Null unless addressable. */
  readonly region: Region | null;

  constructor(descriptor: FragmentDescriptor, region: Region | null) {
    this.descriptor = descriptor;
    this.region = region;
  }

  get isNull(): boolean {
    return this.descriptor.bufferId === NO_BUFFER;
  }

  get isPending(): boolean {
    return this.region === null && !this.isNull;
  }

  get isAddressable(): boolean {
    return this.region !== null;
  }
}

/** No fragment; also what a descriptor that leaves its buffer resolves to. */
export const NO_FRAGMENT: Fragment = new Fragment(NULL_FRAGMENT, null);
