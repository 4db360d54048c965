/**
 * Delivery by hand, in an order that a seed decides.
 *
 * Each step picks one of the ends that have something to tell and lets it tell one thing. No clock, no event loop: the
 * same seed and the same program give the same order. A step may be taken from within a handler; the end that is
 * delivering is then not among those to pick from.
 */
import type { SeededRandom } from "./random.ts";
import type { Deliverable, Scheduler } from "./scheduler.ts";

/** The schedule "seeded". */
export class SeededSchedule implements Scheduler {
  now = 0;
  private readonly pending: Deliverable[] = [];
  private readonly random: SeededRandom;

  constructor(random: SeededRandom) {
    this.random = random;
  }

  wake(end: Deliverable): void {
    if (end.scheduled || !end.hasWork()) return;
    end.scheduled = true;
    this.pending.push(end);
  }

  step(): boolean {
    const end = this.pick();
    if (end === null) return false;
    try {
      end.deliver();
    } finally {
      this.wake(end);
    }
    return true;
  }

  async settle(): Promise<void> {
    while (this.step());
  }

  /** Takes one end off the list; time passes until one is ready. Null when none has work. */
  private pick(): Deliverable | null {
    this.now++;
    const readyCount = this.countReady();
    if (this.pending.length === 0) return null;
    let chosen = this.random.below(readyCount);
    for (let i = 0; i < this.pending.length; i++) {
      const end = this.pending[i];
      if (end === undefined || end.readyAt() > this.now || chosen-- > 0) continue;
      this.removeAt(i);
      return end;
    }
    return null;
  }

  /** Forgets ends without work, lets time pass until some end is ready, and counts those that are. */
  private countReady(): number {
    let earliest = Infinity;
    for (let i = this.pending.length - 1; i >= 0; i--) {
      const end = this.pending[i];
      if (end?.hasWork() === true) earliest = Math.min(earliest, end.readyAt());
      else this.removeAt(i);
    }
    if (this.pending.length > 0 && earliest > this.now) this.now = earliest;
    let count = 0;
    for (const end of this.pending) if (end.readyAt() <= this.now) count++;
    return count;
  }

  private removeAt(index: number): void {
    const end = this.pending[index];
    const last = this.pending.pop();
    if (end !== undefined) end.scheduled = false;
    if (last !== undefined && index < this.pending.length) this.pending[index] = last;
  }
}
