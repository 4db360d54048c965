/**
 * Handles to objects and back. A stale, made-up or foreign handle finds nothing.
 *
 * A handle is a slot's index and a generation. The generation moves on when the slot is emptied, and starts at random,
 * so that neither small numbers nor another table's handles name anything here.
 */
import type { IpczHandle } from "@ipcz/api";
import { assert } from "../base/assert.ts";

/** Slots of one table: handles that can be open at the same time. */
export const HANDLE_SLOTS_MAX: number = 2 ** 24;
const GENERATIONS = 2 ** 29;

/** The table keeps `T`; which kind an object is, its class says. */
export class Handles<T extends object> {
  private readonly objects: (T | null)[] = [];
  /** The handle that finds each slot's object now, or the next one to be given for it. */
  private readonly names: IpczHandle[] = [];
  private readonly free: number[] = [];
  private readonly firstGeneration: number;
  private open = 0;

  /** `seed` is a random number from 0 to 1 (exclusive). */
  constructor(seed: number) {
    this.firstGeneration = 1 + Math.floor(seed * (GENERATIONS / 2));
  }

  /** Handles that name something. */
  get count(): number {
    return this.open;
  }

  add(object: T): IpczHandle {
    let slot = this.free.pop();
    if (slot === undefined) {
      slot = this.objects.length;
      assert(slot < HANDLE_SLOTS_MAX, "fewer than 16 million handles are open at a time");
      this.names.push((this.firstGeneration * HANDLE_SLOTS_MAX + slot) as IpczHandle);
    }
    this.objects[slot] = object;
    this.open++;
    return this.names[slot] as IpczHandle;
  }

  get(handle: IpczHandle): T | null {
    if (typeof handle !== "number") return null;
    const slot = handle & (HANDLE_SLOTS_MAX - 1);
    return this.names[slot] === handle ? (this.objects[slot] ?? null) : null;
  }

  /** What has a handle now, with it. */
  entries(): [IpczHandle, T][] {
    const found: [IpczHandle, T][] = [];
    for (const [slot, object] of this.objects.entries())
      if (object) found.push([this.names[slot]!, object]);
    return found;
  }

  /** Ends a handle; the object is the caller's. */
  remove(handle: IpczHandle): void {
    const slot = handle & (HANDLE_SLOTS_MAX - 1);
    if (this.names[slot] !== handle || !this.objects[slot]) return;
    this.objects[slot] = null;
    this.names[slot] = nextName(handle, slot);
    this.free.push(slot);
    this.open--;
  }
}

/** The generation wraps before the handle leaves the safe integers; 0 is never used. */
function nextName(handle: IpczHandle, slot: number): IpczHandle {
  const generation = Math.floor(handle / HANDLE_SLOTS_MAX) + 1;
  return ((generation % GENERATIONS || 1) * HANDLE_SLOTS_MAX + slot) as IpczHandle;
}
