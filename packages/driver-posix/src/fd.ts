/**
 * An owned file descriptor: close-on-exec, closed once, by whoever holds this object.
 */
import { assert } from "@ipcz/driver-base";
import type { Libc } from "./libc.ts";
import { errnos } from "./os-error.ts";

/** One descriptor and the duty to close it. */
export class Descriptor {
  private readonly libc: Libc;
  private value: number;

  /** Takes `value`, which has no other owner. */
  constructor(libc: Libc, value: number) {
    assert(value >= 0, "a descriptor is not negative");
    this.libc = libc;
    this.value = value;
    libc.owned.descriptors++;
  }

  /** The number, for a system call to be made now; nobody keeps it. */
  get number(): number {
    assert(this.value >= 0, "a descriptor is not used after its end");
    return this.value;
  }

  /** False once closed or released. */
  get open(): boolean {
    return this.value >= 0;
  }

  /** Closes it; when it has been closed or released before, nothing. */
  close(): void {
    if (this.value < 0) return;
    const answer = this.libc.close(this.release());
    assert(answer !== -errnos.EBADF, "a descriptor of ours is closed by nobody else");
  }

  /** Gives the number away, and with it the duty to close. */
  release(): number {
    const value = this.number;
    this.value = -1;
    this.libc.owned.descriptors--;
    return value;
  }
}

/** What goes with a frame that carries no descriptors. */
export const noDescriptors: readonly Descriptor[] = [];

/** Closes all of them. */
export function closeAll(descriptors: readonly Descriptor[]): void {
  for (const descriptor of descriptors) descriptor.close();
}
