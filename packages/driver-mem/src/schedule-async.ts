/**
 * Delivery in later turns of the event loop.
 *
 * A turn delivers one notification on each end that had something when it began: nothing arrives in the turn in which
 * it was sent, and a busy transport does not hold up the others. No turn is asked for while nothing is pending.
 */
import { laterTurn, type TurnHost } from "./later-turn.ts";
import type { Deliverable, Scheduler } from "./scheduler.ts";

/** The schedule "async". */
export class AsyncSchedule implements Scheduler {
  now = 0;
  private ready: Deliverable[] = [];
  private spare: Deliverable[] = [];
  private settled: (() => void)[] = [];
  private requested = false;
  private readonly requestTurn: () => void;

  constructor(host: TurnHost = globalThis) {
    this.requestTurn = laterTurn(() => this.turn(), host);
  }

  wake(end: Deliverable): void {
    if (end.scheduled || !end.hasWork()) return;
    end.scheduled = true;
    this.ready.push(end);
    this.request();
  }

  step(): boolean {
    return false;
  }

  settle(): Promise<void> {
    return new Promise((resolve) => {
      this.settled.push(resolve);
      this.request();
    });
  }

  private request(): void {
    if (this.requested) return;
    this.requested = true;
    this.requestTurn();
  }

  private turn(): void {
    this.requested = false;
    this.now++;
    const round = this.ready;
    this.ready = this.spare;
    let next = 0;
    try {
      while (next < round.length) {
        const end = round[next++];
        if (end !== undefined) this.deliverOne(end);
      }
    } finally {
      // After a throwing handler the rest of the round is still due.
      for (; next < round.length; next++) {
        const end = round[next];
        if (end !== undefined) this.ready.push(end);
      }
      round.length = 0;
      this.spare = round;
      if (this.ready.length > 0) this.request();
      else this.tellSettled();
    }
  }

  private deliverOne(end: Deliverable): void {
    end.scheduled = false;
    try {
      if (end.hasWork() && end.readyAt() <= this.now) end.deliver();
    } finally {
      this.wake(end);
    }
  }

  private tellSettled(): void {
    const settled = this.settled;
    this.settled = [];
    for (const resolve of settled) resolve();
  }
}
