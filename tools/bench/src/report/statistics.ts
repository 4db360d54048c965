/**
 * Medians and spread: what can be said about noisy machines.
 */
export interface Summary {
  readonly median: number;
  readonly lowest: number;
  readonly highest: number;
}

/** The middle sample, or the mean of the middle two; not a number when there are none. */
export function median(samples: ArrayLike<number>): number {
  const sorted = Float64Array.from(samples).toSorted();
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  const lower = sorted.length % 2 === 0 ? (sorted[middle - 1] ?? Number.NaN) : upper;
  return (upper + lower) / 2;
}

/** Null: no samples. */
export function summarise(samples: readonly number[]): Summary | null {
  if (samples.length === 0) return null;
  let lowest = Number.POSITIVE_INFINITY;
  let highest = Number.NEGATIVE_INFINITY;
  for (const sample of samples) {
    lowest = Math.min(lowest, sample);
    highest = Math.max(highest, sample);
  }
  return { median: median(samples), lowest, highest };
}
