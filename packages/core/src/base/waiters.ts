/**
 * One-shot callbacks for "as soon as X exists". They run once, in the order they were added, each with the outcome;
 * callbacks added meanwhile run in the same round.
 */
import { Deque } from "./deque.ts";

export class Waiters<T> {
  private readonly waiting = new Deque<(outcome: T) => void>();

  get count(): number {
    return this.waiting.length;
  }

  add(callback: (outcome: T) => void): void {
    this.waiting.push(callback);
  }

  /** Runs and forgets every callback. */
  settle(outcome: T): void {
    for (let next = this.waiting.shift(); next; next = this.waiting.shift()) next(outcome);
  }
}
