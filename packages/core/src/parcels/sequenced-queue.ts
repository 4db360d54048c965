/**
 * Reorders parcels by sequence number, and knows where the sequence ends (spec: routing 2.1).
 *
 * Only the contiguous run from `next` upward is visible: it alone is counted, summed and taken. What lies beyond a gap
 * waits in a map, so that a peer's large number costs nothing. The run may be any length: nobody has to read.
 */
import { Deque } from "../base/deque.ts";
import { Limits } from "../base/limits.ts";
import type { SequenceLength, SequenceNumber } from "../base/sequence.ts";

/** What a queue needs to know of its elements. */
export interface Sized {
  /** Bytes, for the sum; must not change while queued. */
  readonly size: number;
}

export class SequencedQueue<T extends Sized> {
  /** The number of the next element to be taken. */
  next: SequenceNumber;
  /** Exclusive end of the sequence: 5 means 0..4. Null: not known yet. */
  end: SequenceLength | null = null;
  /** Bytes in the contiguous run. */
  bytes = 0;

  private readonly ready = new Deque<T>();
  private beyond: Map<SequenceNumber, T> | null = null;

  constructor(next: SequenceNumber = 0) {
    this.next = next;
  }

  /** How many contiguous elements wait from `next` upward. */
  get run(): number {
    return this.ready.length;
  }

  /** Length of the gap-free prefix ever seen. */
  get reach(): SequenceLength {
    return this.next + this.ready.length;
  }

  /** More elements may still arrive. */
  get isOpen(): boolean {
    return this.end === null || this.reach < this.end;
  }

  /** Complete and fully taken. */
  get isDrained(): boolean {
    return this.end !== null && this.next === this.end;
  }

  /** The element at `next`, left in place. */
  peek(): T | undefined {
    return this.ready.peek();
  }

  /** False: below `next`, at or past `end`, too far ahead, or there already; `element` stays the caller's. */
  push(number: SequenceNumber, element: T): boolean {
    // The usual next one, in few words that V8 compiles into whoever calls.
    if (number !== this.reach || this.end !== null || this.beyond !== null)
      return this.insert(number, element);
    this.append(element);
    return true;
  }

  /** Takes the element at `next`; undefined when it has not arrived. */
  pop(): T | undefined {
    const element = this.ready.shift();
    if (element === undefined) return undefined;
    this.next++;
    this.bytes -= element.size;
    return element;
  }

  /** As if element `number` had been pushed and popped; only at the head of an empty run, below `end`. */
  skip(number: SequenceNumber): boolean {
    if (number !== this.next || this.run > 0) return false;
    if (this.end !== null && number >= this.end) return false;
    this.next++;
    if (this.beyond) this.closeGap(this.beyond);
    return true;
  }

  /** Sets the end once. False: known already, contradicts what has arrived, or too far ahead. */
  setEnd(length: SequenceLength): boolean {
    if (this.end !== null || length < this.highestLength()) return false;
    if (length - this.reach > Limits.sequenceGapMax) return false;
    this.end = length;
    return true;
  }

  /** Ends the sequence at its contiguous reach, overriding a later end; what lay beyond is the caller's to dispose. */
  forceEnd(): T[] {
    this.end = this.reach;
    const dropped = this.beyond ? [...this.beyond.values()] : [];
    this.beyond = null;
    return dropped;
  }

  /** Takes everything out, also beyond gaps, without moving `next`; for a queue that nobody will read again. */
  takeAll(): T[] {
    const all: T[] = [];
    for (let element = this.ready.shift(); element; element = this.ready.shift()) all.push(element);
    if (this.beyond) all.push(...this.beyond.values());
    this.beyond = null;
    this.bytes = 0;
    return all;
  }

  private insert(number: SequenceNumber, element: T): boolean {
    const reach = this.reach;
    if (number < reach || (this.end !== null && number >= this.end)) return false;
    if (number - reach > Limits.sequenceGapMax) return false;
    if (number !== reach) {
      this.beyond ??= new Map();
      if (this.beyond.has(number)) return false;
      this.beyond.set(number, element);
      return true;
    }
    this.append(element);
    if (this.beyond) this.closeGap(this.beyond);
    return true;
  }

  private append(element: T): void {
    this.ready.push(element);
    this.bytes += element.size;
  }

  private closeGap(beyond: Map<SequenceNumber, T>): void {
    for (let found = beyond.get(this.reach); found !== undefined; found = beyond.get(this.reach)) {
      beyond.delete(this.reach);
      this.append(found);
    }
    if (beyond.size === 0) this.beyond = null;
  }

  private highestLength(): SequenceLength {
    let length = this.reach;
    if (this.beyond) for (const number of this.beyond.keys()) length = Math.max(length, number + 1);
    return length;
  }
}
