/**
 * Driver handles: names for transports, memory, mappings and envelopes.
 *
 * One table serves all drivers of a world. A handle is a slot and a generation, and each object knows the driver that
 * owns it, so a handle that is stale, made up or another driver's finds nothing. An object keeps its slot for life; it
 * gets a new handle whenever it changes hands, and has no owner while it travels in a message.
 */
import { IPCZ_INVALID_DRIVER_HANDLE, type IpczDriverHandle } from "@ipcz/api";

/** A driver of a world, by number; {@link NOBODY} owns what is under way. */
export type OwnerId = number;

/** The owner of an object that travels in a message. */
export const NOBODY: OwnerId = 0;

/** What a handle can name. */
export type MemObjectKind = "transport" | "memory" | "mapping" | "envelope";

/** Anything that has a handle. The table writes `handle`, `owner` and `slot`. */
export interface MemObject {
  readonly kind: MemObjectKind;
  handle: IpczDriverHandle;
  owner: OwnerId;
  slot: number;
  /** Whether a message may carry it. */
  readonly travels: boolean;
  /** Its end, when it is out of the table already; called once. */
  release(): void;
}

const SLOT_BITS = 20;
const SLOTS_MAX = 2 ** SLOT_BITS;
const SLOT_MASK = SLOTS_MAX - 1;
/** Handles stay below 2^53: 33 bits are left for the generation. */
const GENERATION_MAX = 2 ** 33 - 1;

/** Ends an object that is in the table, whoever owns it. */
export function discard(table: HandleTable, object: MemObject): void {
  if (table.remove(object)) object.release();
}

/**
 * Drops objects one after the other. A dropped transport drops what waits in it, and so on: that is a list here, so
 * that a long chain of transports in transports takes no stack.
 */
export function dropper(table: HandleTable): (objects: readonly MemObject[]) => void {
  const waiting: MemObject[] = [];
  let dropping = false;
  return (objects) => {
    for (const object of objects) waiting.push(object);
    if (dropping) return;
    dropping = true;
    try {
      for (let object = waiting.shift(); object; object = waiting.shift()) discard(table, object);
    } finally {
      dropping = false;
    }
  };
}

/** All objects of a world, by handle. */
export class HandleTable {
  private readonly objects: (MemObject | null)[] = [];
  private readonly generations: number[] = [];
  private readonly free: number[] = [];
  private readonly generationFirst: number;
  private liveCount = 0;

  /** @param generationFirst where generations begin, at least 1: worlds that begin elsewhere share no handles. */
  constructor(generationFirst: number) {
    this.generationFirst = generationFirst;
  }

  /** Whether `count` more objects fit. */
  hasRoom(count: number): boolean {
    return this.liveCount + count <= SLOTS_MAX;
  }

  /** Gives a new object its first handle. The caller has asked {@link hasRoom}. */
  add(object: MemObject, owner: OwnerId): IpczDriverHandle {
    const slot = this.free.pop() ?? this.objects.push(null) - 1;
    this.objects[slot] = object;
    this.liveCount++;
    object.slot = slot;
    return this.give(object, owner);
  }

  /** Gives `object` to `owner` under a new handle; the old one is stale from here on. */
  give(object: MemObject, owner: OwnerId): IpczDriverHandle {
    const generation = (this.generations[object.slot] ?? this.generationFirst - 1) + 1;
    this.generations[object.slot] = generation > GENERATION_MAX ? 1 : generation;
    object.owner = owner;
    // A sum of two integers below 2^53; the brand is what makes it a handle.
    object.handle = ((this.generations[object.slot] ?? 1) * SLOTS_MAX +
      object.slot) as IpczDriverHandle;
    return object.handle;
  }

  /** The object of `owner` under this handle, or null. Any number may be asked for. */
  find(handle: number, owner: OwnerId): MemObject | null {
    const object = this.objects[handle & SLOT_MASK];
    if (object === undefined || object === null) return null;
    return object.handle === handle && object.owner === owner ? object : null;
  }

  /** Takes `object` from its owner into a message; no handle finds it until it is given to somebody. */
  take(object: MemObject): void {
    object.owner = NOBODY;
  }

  /** Forgets `object`; the caller releases it. False when it was forgotten before. */
  remove(object: MemObject): boolean {
    if (this.objects[object.slot] !== object) return false;
    this.objects[object.slot] = null;
    this.free.push(object.slot);
    this.liveCount--;
    object.owner = NOBODY;
    object.handle = IPCZ_INVALID_DRIVER_HANDLE;
    return true;
  }

  /** Objects of `owner`, or all of them, also those under way; in order of their slots. */
  list(owner: OwnerId | null): MemObject[] {
    const found: MemObject[] = [];
    for (const object of this.objects) {
      if (object !== null && (owner === null || object.owner === owner)) found.push(object);
    }
    return found;
  }
}
