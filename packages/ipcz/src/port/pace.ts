/**
 * When messages are delivered: one after the other, with everything done in between that its listeners have put off
 * (promises, `nextTick`), and with room for other events after many.
 */
import process from "node:process";

/** Messages in a row before other events get their turn. */
const rowMax = 256;

/** Calls `step` again and again, as long as it answers true. */
export class Pace {
  private readonly step: () => boolean;
  private running = false;
  private row = 0;

  constructor(step: () => boolean) {
    this.step = step;
  }

  /** Begins soon, never at once; when it has begun, nothing happens. */
  start(): void {
    if (this.running) return;
    this.running = true;
    this.row = 0;
    process.nextTick(this.next);
  }

  private readonly next = (): void => {
    if (!this.step()) {
      this.running = false;
      return;
    }
    if (++this.row < rowMax) queueMicrotask(this.afterPromises);
    else {
      this.row = 0;
      setImmediate(this.next);
    }
  };

  private readonly afterPromises = (): void => {
    process.nextTick(this.next);
  };
}
