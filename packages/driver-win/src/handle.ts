/**
 * An owned handle of the system: closed once, by whoever holds this object.
 */
import { assert } from "@ipcz/driver-base";
import type { WinSystem } from "./system.ts";

/** One handle and the duty to close it. */
export class WinHandle {
  private readonly system: WinSystem;
  private current: number;

  /** Takes `value`, which has no other owner. */
  constructor(system: WinSystem, value: number) {
    assert(value > 0, "a handle of ours is a positive number");
    this.system = system;
    this.current = value;
    system.owned.handles++;
  }

  /** The number, for a call to be made now; nobody keeps it. */
  get value(): number {
    assert(this.current > 0, "a handle is not used after its end");
    return this.current;
  }

  /** A second handle for the same object; null when the system has none to give. */
  duplicate(): WinHandle | null {
    const copy = this.system.duplicateHandle(this.value);
    return copy < 0 ? null : new WinHandle(this.system, copy);
  }

  /** Closes it; when it has been closed or released before, nothing. */
  close(): void {
    if (this.current === 0) return;
    const value = this.release();
    const answer = this.system.closeHandle(value);
    assert(answer >= 0, "a handle of ours is closed by nobody else");
  }

  /** Gives the number away, and with it the duty to close. */
  release(): number {
    const { value } = this;
    this.current = 0;
    this.system.owned.handles--;
    return value;
  }
}

/** Closes all of them. */
export function closeAll(handles: readonly WinHandle[]): void {
  for (const handle of handles) handle.close();
}
