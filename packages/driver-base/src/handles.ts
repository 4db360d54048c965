/**
 * Handles to objects and back: an index, and a generation that makes a stale or made-up handle find nothing.
 *
 * A handle is `generation * 2^24 + index`. Index 0 is not used, so neither is handle 0; generations start at 1.
 */
import type { IpczDriverHandle } from "@ipcz/api";
import { assert } from "./assert.ts";

/** Objects a driver can hold at once: indices are 24 bits of a handle. */
const objectsMax = 2 ** 24 - 1;
const indexCount = objectsMax + 1;
const indexMask = objectsMax;
/** Handles stay below 2^53. An index whose generations are used up is not used again. */
const generationMax = 2 ** 29 - 1;

/** A table of objects by handle. */
export class HandleTable<T> {
  private readonly objects: (T | undefined)[] = [undefined];
  /** By index: the handle of the object there, or of the one that will be. */
  private readonly handles: number[] = [-1];
  private readonly free: number[] = [];
  private count = 0;

  /** Objects in the table. */
  get size(): number {
    return this.count;
  }

  /** Adds an object; the handle is its only name. */
  add(object: T): IpczDriverHandle {
    const index = this.free.pop() ?? this.grow();
    this.objects[index] = object;
    this.count++;
    return this.handles[index] as IpczDriverHandle;
  }

  /** The object of a handle; undefined for any number that is not one. */
  get(handle: number): T | undefined {
    // The low 32 bits hold the index, also of a number beyond them.
    const index = handle & indexMask;
    return this.handles[index] === handle ? this.objects[index] : undefined;
  }

  /** Takes an object out; the handle is stale from now on. */
  take(handle: number): T | undefined {
    const object = this.get(handle);
    if (object === undefined) return undefined;
    const index = handle & indexMask;
    this.objects[index] = undefined;
    this.count--;
    if (handle >= generationMax * indexCount) {
      this.handles[index] = -1;
      return object;
    }
    this.handles[index] = handle + indexCount;
    this.free.push(index);
    return object;
  }

  /** All objects with their handles, as they are now. */
  entries(): [IpczDriverHandle, T][] {
    const found: [IpczDriverHandle, T][] = [];
    for (const [index, object] of this.objects.entries()) {
      if (object !== undefined) found.push([this.handles[index] as IpczDriverHandle, object]);
    }
    return found;
  }

  private grow(): number {
    const index = this.objects.length;
    assert(index <= objectsMax, "a driver holds no more objects than indices");
    this.objects.push(undefined);
    this.handles.push(indexCount + index);
    return index;
  }
}
