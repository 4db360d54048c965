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

/** How many rounds count. One more comes before them, for the compiler. */
export const ROUNDS = 7;

/** Runs `round`, which makes `count` calls and may take its time, and times it. */
export async function timed(count: number, round: () => void | Promise<void>): Promise<Timing> {
  const times: number[] = [];
  for (let index = 0; index <= ROUNDS; index++) {
    const start = performance.now();
    // oxlint-disable-next-line no-await-in-loop -- one round after the other
    await round();
    if (index > 0) times.push(((performance.now() - start) * 1e6) / count);
  }
  return summaryOf(times);
}

/** Times `count` calls of `call`, one after the other, in each round. */
export function timedCalls(count: number, call: () => void): Promise<Timing> {
  return timed(count, () => {
    for (let index = 0; index < count; index++) call();
  });
}

/** Median, lowest and highest; of an even number, the upper of both in the middle. */
export function summaryOf(times: readonly number[]): Timing {
  const sorted = times.toSorted((left, right) => left - right);
  const at = (index: number): number => sorted[index] ?? Number.NaN;
  return { median: at(sorted.length >> 1), lowest: at(0), highest: at(sorted.length - 1) };
}
