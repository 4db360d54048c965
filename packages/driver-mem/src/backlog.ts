/** Somebody who waits until few enough bytes wait at the other end of a transport. */
import type { Deliverable } from "./scheduler.ts";

/** Told once, when the schedule comes to it. */
export class BacklogWatch implements Deliverable {
  scheduled = false;
  private readonly waiting: () => number;
  readonly numBytes: number;
  private handler: (() => void) | null;

  /** `waiting` tells how many bytes wait now. */
  constructor(waiting: () => number, numBytes: number, handler: () => void) {
    this.waiting = waiting;
    this.numBytes = numBytes;
    this.handler = handler;
  }

  get done(): boolean {
    return this.handler === null;
  }

  hasWork(): boolean {
    return this.handler !== null && this.waiting() <= this.numBytes;
  }

  readyAt(): number {
    return 0;
  }

  deliver(): void {
    const { handler } = this;
    this.handler = null;
    handler?.();
  }
}
