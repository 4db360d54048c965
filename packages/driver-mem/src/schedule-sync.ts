/**
 * Delivery on the sender's stack.
 *
 * Notifications of one listener never nest: an end that is delivering has no work to offer, and whoever delivers goes
 * on until nothing is left, so what was sent meanwhile follows when the outer call has returned.
 */
import type { Deliverable, Scheduler } from "./scheduler.ts";

/** The schedule "sync". */
export class SyncSchedule implements Scheduler {
  readonly now: number = 0;

  wake(end: Deliverable): void {
    while (end.hasWork()) end.deliver();
  }

  step(): boolean {
    return false;
  }

  async settle(): Promise<void> {
    // Whatever could be delivered has been.
  }
}
