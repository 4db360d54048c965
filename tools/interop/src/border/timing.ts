/**
 * How long a call takes, as the median of some rounds with the fastest and the slowest of them.
 */

/** Nanoseconds for each call. */
export interface Timing {
  readonly median: number;
  readonly lowest: number;
  readonly highest: number;
}

/** A line of the table: what was called, and how long that took. */
export interface Row {
  readonly what: string;
  readonly timing: Timing;
}

/** Times calls, in so many rounds and one more before them, which is for the compiler. */
export class Stopwatch {
  readonly rounds: number;

  constructor(rounds: number) {
    this.rounds = rounds;
  }

  /** Runs `round`, which makes `count` calls and may take its time, and times it. */
  async timeRounds(count: number, round: () => void | Promise<void>): Promise<Timing> {
    const times: number[] = [];
    for (let index = 0; index <= this.rounds; index++) {
      const start = performance.now();
      // oxlint-disable-next-line no-await-in-loop -- one round after the other
      await round();
      if (index > 0) times.push(((performance.now() - start) * 1e6) / count);
    }
    return summaryOf(times);
  }

  /** Times `count` calls of `call`, one after the other, in each round. */
  timeCalls(count: number, call: () => void): Promise<Timing> {
    return this.timeRounds(count, () => {
      for (let index = 0; index < count; index++) call();
    });
  }
}

/** Median, lowest and highest; of an even number, the upper of both in the middle. */
export function summaryOf(times: readonly number[]): Timing {
  const sorted = times.toSorted((left, right) => left - right);
  const at = (index: number): number => sorted[index] ?? Number.NaN;
  return { median: at(sorted.length >> 1), lowest: at(0), highest: at(sorted.length - 1) };
}
