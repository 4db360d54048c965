/**
 * Handles on their way within this process: sent by one of its transports, not yet claimed at another.
 *
 * A number that a message names is believed only when it is here: whatever else a spoilt or made-up message says, no
 * handle of somebody else in this process is used or closed.
 */
import type { PipeEnd, OnItsWay } from "./end.ts";
import type { WinHandle } from "./handle.ts";
import type { WinSystem } from "./system.ts";

/** One handle on its way. */
export class LocalHandle implements OnItsWay {
  private readonly owner: LocalHandles;
  private readonly value: number;
  private readonly handle: WinHandle;
  /** Whose pipe it is the handle of, if it is one. */
  private readonly end: PipeEnd | null;
  /** Over which end it was sent; null for one that an application has taken out of a driver. */
  private readonly sender: PipeEnd | null;

  constructor(
    owner: LocalHandles,
    handle: WinHandle,
    { end, sender }: { readonly end: PipeEnd | null; readonly sender: PipeEnd | null },
  ) {
    this.owner = owner;
    this.value = handle.value;
    this.handle = handle;
    this.end = end;
    this.sender = sender;
  }

  /** It has arrived, and is the caller's. */
  claim(): { readonly handle: WinHandle; readonly end: PipeEnd | null } {
    this.owner.forget(this.value);
    this.sender?.unload(this);
    return { handle: this.handle, end: this.end };
  }

  /** It never arrives. */
  close(): void {
    const { handle, end } = this.claim();
    handle.close();
    end?.close();
  }
}

/** Those of one process, by number. */
export class LocalHandles {
  private readonly waiting = new Map<number, LocalHandle>();

  /** How many are on their way. */
  get count(): number {
    return this.waiting.size;
  }

  /** Takes a handle, and with it the end of a pipe that it may be. */
  put(handle: WinHandle, end: PipeEnd | null, sender: PipeEnd | null): LocalHandle {
    const item = new LocalHandle(this, handle, { end, sender });
    this.waiting.set(handle.value, item);
    sender?.send(item);
    return item;
  }

  /** The one with that number; null when nobody has sent it. */
  find(value: number): LocalHandle | null {
    return this.waiting.get(value) ?? null;
  }

  /** To be called by the item that is claimed. */
  forget(value: number): void {
    this.waiting.delete(value);
  }
}

const bySystem = new WeakMap<WinSystem, LocalHandles>();

/** Those of a process: the same for all its drivers, since a handle may go from one to another. */
export function localHandlesOf(system: WinSystem): LocalHandles {
  const known = bySystem.get(system);
  if (known) return known;
  const made = new LocalHandles();
  bySystem.set(system, made);
  return made;
}
