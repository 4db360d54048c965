/**
 * A first-in, first-out queue in one array; taking from the front is cheap.
 */
export class Deque<T> {
  private items: (T | undefined)[] = [];
  private head = 0;

  get length(): number {
    return this.items.length - this.head;
  }

  push(item: T): void {
    this.items.push(item);
  }

  /** The front element, taken out; undefined when there is none. */
  shift(): T | undefined {
    const item = this.items[this.head];
    if (item === undefined) return undefined;
    this.items[this.head++] = undefined;
    if (this.head === this.items.length) {
      // One in, one out is the common case; emptying an array by its length is a slow call.
      if (this.head === 1) this.items.pop();
      else this.items.length = 0;
      this.head = 0;
    } else if (this.head === 1024) {
      this.items.splice(0, this.head);
      this.head = 0;
    }
    return item;
  }

  /** The front element, left in place. */
  peek(): T | undefined {
    return this.items[this.head];
  }
}
