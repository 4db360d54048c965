/**
 * The driver objects of one received message, until the message's fields claim them.
 *
 * Each object can be taken once; an index or range that was taken before, or does not exist, is the sender's fault
 * (spec: wire 1.5, rules 3 and 4). What nobody took is closed with the bag: it may belong to fields of a newer version.
 */
import { verify } from "../base/assert.ts";
import type { ObjectRange } from "../wire/schema.ts";
import type { DriverObject } from "./driver-object.ts";

export class ObjectBag {
  /** Null where an object was taken. */
  private readonly objects: (DriverObject | null)[];

  /** Takes `objects`. */
  constructor(objects: readonly DriverObject[]) {
    this.objects = [...objects];
  }

  /** How many objects the message carried. */
  get count(): number {
    return this.objects.length;
  }

  /** How many of them nobody has taken. */
  get countLeft(): number {
    let left = 0;
    for (const object of this.objects) if (object !== null) left++;
    return left;
  }

  /** The object at `index`, now the caller's; null when there is none or it was taken before. */
  take(index: number): DriverObject | null {
    const object = this.objects[index] ?? null;
    if (object !== null) this.objects[index] = null;
    return object;
  }

  /**
   * Objects `first` to `first + count - 1`, now the caller's. Null, with nothing taken, when one of them does not exist
   * or was taken before. An empty range may begin at the end of the list, not past it.
   */
  takeRange(first: number, count: number): DriverObject[] | null {
    if (first > this.objects.length || count > this.objects.length - first) return null;
    const taken: DriverObject[] = [];
    for (let index = first; index < first + count; index++) {
      const object = this.objects[index];
      if (!object) return null;
      taken.push(object);
    }
    this.objects.fill(null, first, first + count);
    return taken;
  }

  /** The objects that a decoded field claims, now the caller's: decoding saw to it that they are there. */
  takeClaimed({ first, count }: ObjectRange): DriverObject[] {
    return verify(
      this.takeRange(first, count),
      "a decoded message claims objects that exist, once",
    );
  }

  /** Closes what nobody took. */
  closeRest(): void {
    for (let index = 0; index < this.objects.length; index++) this.take(index)?.close();
  }
}

/** The bag of a message without objects. */
export const NO_OBJECTS: ObjectBag = new ObjectBag([]);
