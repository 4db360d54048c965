/**
 * What native code will call back about, by the number that it was given as context.
 *
 * Numbers are never used twice in a process: a late report finds nothing instead of somebody else.
 */

let lastId = 0;

/** Things by number. */
export class Pending<T> {
  private readonly things = new Map<number, T>();

  /** How many there are. */
  get size(): number {
    return this.things.size;
  }

  add(thing: T): number {
    lastId++;
    this.things.set(lastId, thing);
    return lastId;
  }

  get(id: number): T | undefined {
    return this.things.get(id);
  }

  /** Forgets it. */
  take(id: number): T | undefined {
    const thing = this.things.get(id);
    this.things.delete(id);
    return thing;
  }
}
