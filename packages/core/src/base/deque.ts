/**
 * A first-in, first-out queue in one array, which is used round and round.
 *
 * Most queues are empty most of the time, so an empty one holds no array of its own; and a long one passes its array on
 * to whichever queue is the next to become long, when it is empty again.
 */
export class Deque<T> {
  /** As many places as a power of two says; or none. */
  private items: (T | undefined)[] = NONE;
  private head = 0;
  private count = 0;

  get length(): number {
    return this.count;
  }

  push(item: T): void {
    const { items, count } = this;
    if (count === items.length) {
      this.grow();
      this.push(item);
      return;
    }
    items[(this.head + count) & (items.length - 1)] = item;
    this.count = count + 1;
  }

  /** The front element, taken out; undefined when there is none. */
  shift(): T | undefined {
    if (this.count === 0) return undefined;
    const { items, head } = this;
    const item = items[head];
    items[head] = undefined;
    this.head = (head + 1) & (items.length - 1);
    if (--this.count === 0 && items.length > SHORT) this.passOn();
    return item;
  }

  /** The front element, left in place. */
  peek(): T | undefined {
    return this.count === 0 ? undefined : this.items[this.head];
  }

  private grow(): void {
    const { items, head, count } = this;
    const places = count === 0 ? SHORT : Math.max(LONG_MIN, 2 * count);
    const longer: (T | undefined)[] =
      count > 0 && spare.length >= places ? spare : emptyPlaces(places);
    if (longer === spare) spare = NONE;
    for (let index = 0; index < count; index++)
      longer[index] = items[(head + index) & (items.length - 1)];
    this.items = longer;
    this.head = 0;
  }

  private passOn(): void {
    const { items } = this;
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- nothing is in it any more
    if (items.length > spare.length && items.length <= SPARE_MAX) spare = items as undefined[];
    this.items = NONE;
    this.head = 0;
  }
}

/** Places of the first array of a queue, which it keeps. */
const SHORT = 4;
/** Places of an array that takes its place, at least. */
const LONG_MIN = 64;
/** Places of the longest array that is kept for others. */
const SPARE_MAX = 4096;

/** No place, in an array of the kind that V8 makes of one with objects in it: so that all arrays here are of one kind. */
const NONE = emptyPlaces(1);
NONE.pop();

/** Empty, and nobody's. */
let spare: undefined[] = NONE;

function emptyPlaces(count: number): undefined[] {
  const places: undefined[] = [];
  for (let index = 0; index < count; index++) places.push(undefined);
  return places;
}
