/**
 * One end's reference to a link state in shared memory.
 *
 * It keeps the link's memory mapped until it is released. A state whose buffer has not arrived yet is pending: it
 * cannot be locked or marked, and resolves when the buffer arrives, or never.
 */
import { verify } from "../base/assert.ts";
import { Waiters } from "../base/waiters.ts";
import type { FragmentDescriptor } from "../wire/descriptors.ts";
import type { Fragment } from "./fragment.ts";
import { LinkState, LINK_STATE_BYTES } from "./link-state.ts";
import type { Region } from "./region.ts";
import { addRef, releaseRef } from "./shared-ref.ts";

/** The memory that a state lies in. */
export interface LinkStateMemory {
  retain(): void;
  release(): void;
  freeFragment(descriptor: FragmentDescriptor): boolean;
}

/** Can a link state be there, as far as the descriptor tells? (spec: routing 0.1, D4) */
export function isLinkStateDescriptor({ offset, size }: FragmentDescriptor): boolean {
  return size >= LINK_STATE_BYTES && offset % 8 === 0;
}

export class LinkStateHold {
  private readonly memory: LinkStateMemory;
  private readonly descriptor: FragmentDescriptor;
  /** False for the fixed states of initial portals: counted down all the same, but never freed (spec: wire 4.7). */
  private readonly managed: boolean;
  private readonly waiters = new Waiters<LinkState>();
  private region: Region | null = null;
  private resolved: LinkState | null = null;
  private released = false;

  /** Takes over one reference, which is counted already. `fragment` is addressable or pending. */
  constructor(memory: LinkStateMemory, fragment: Fragment, managed: boolean) {
    this.memory = memory;
    this.descriptor = fragment.descriptor;
    this.managed = managed;
    memory.retain();
    this.resolve(fragment);
  }

  /** The state; null while it is pending, and once released. */
  get state(): LinkState | null {
    return this.resolved;
  }

  /** Holders that are counted; null while that is unknown, and for the fixed states, of which nobody is the last. */
  get references(): number | null {
    return this.managed && this.resolved && this.region
      ? this.region.load(this.descriptor.offset)
      : null;
  }

  /** Runs `callback` once there is a state, at once if there is; never, if there never will be. */
  whenResolved(callback: (state: LinkState) => void): void {
    if (this.resolved) callback(this.resolved);
    else if (!this.released) this.waiters.add(callback);
  }

  /** A pending state's buffer has arrived. A fragment that leaves it changes nothing: it stays unresolved. */
  resolve(fragment: Fragment): void {
    const { region } = fragment;
    if (region === null) return;
    this.region = region;
    if (this.released) {
      this.dropReference(region);
      return;
    }
    this.resolved = LinkState.inSharedMemory(region, this.descriptor.offset);
    this.waiters.settle(this.resolved);
  }

  /** Adds a reference for the peer; the descriptor carries it in a message. Of a state allocated here only. */
  share(): FragmentDescriptor {
    addRef(
      verify(this.region, "a link state is resolved before it is shared"),
      this.descriptor.offset,
    );
    return this.descriptor;
  }

  /** Ends this reference; whoever ends the last one frees the block. Calling it again does nothing. */
  release(): void {
    if (this.released) return;
    this.released = true;
    this.resolved = null;
    if (this.region) this.dropReference(this.region);
    this.memory.release();
  }

  private dropReference(region: Region): void {
    const wasLast = releaseRef(region, this.descriptor.offset);
    if (wasLast && this.managed) this.memory.freeFragment(this.descriptor);
  }
}
