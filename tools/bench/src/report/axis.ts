/**
 * The horizontal axis of a picture: logarithmic, so that a ratio is a distance; linear when something is not above zero.
 */
export interface Axis {
  /** From 0 at the left to 1 at the right. */
  readonly place: (value: number) => number;
  readonly ticks: readonly number[];
}

/** Covers all of `values`, of which there is at least one. */
export function axisFor(values: readonly number[]): Axis {
  const lowest = Math.min(...values);
  const highest = Math.max(...values);
  return lowest > 0 ? logarithmic(lowest, highest) : linear(lowest, highest);
}

const STEPS_FINE = [1, 2, 5];
const STEPS_COARSE = [1];
/** Powers of ten above which there is no room for the steps between. */
const FINE_DECADES_MAX = 2.5;

function logarithmic(lowest: number, highest: number): Axis {
  const first = Math.floor(Math.log10(lowest));
  const last = Math.ceil(Math.log10(highest));
  const steps = Math.log10(highest / lowest) <= FINE_DECADES_MAX ? STEPS_FINE : STEPS_COARSE;
  const all: number[] = [];
  for (let power = first; power <= last; power++)
    for (const step of steps) all.push(step * 10 ** power);
  // From the last tick that is not above the lowest value to the first that is not below the highest.
  const start = all.findLast((tick) => tick <= lowest) ?? 10 ** first;
  const end = all.find((tick) => tick >= highest && tick > start) ?? 10 ** (last + 1);
  const width = Math.log10(end / start);
  return {
    place: (value) => Math.log10(value / start) / width,
    ticks: all.filter((tick) => tick >= start && tick <= end),
  };
}

function linear(lowest: number, highest: number): Axis {
  const span = highest - lowest || 1;
  const power = 10 ** Math.floor(Math.log10(span));
  const step =
    [1, 2, 5, 10].map((each) => (each * power) / 2).find((each) => span / each <= 6) ?? power;
  const start = Math.floor(Math.min(lowest, 0) / step) * step;
  const end = Math.max(Math.ceil(highest / step) * step, start + step);
  const ticks: number[] = [];
  for (let index = 0; start + index * step <= end + step / 2; index++)
    ticks.push(start + index * step);
  return { place: (value) => (value - start) / (end - start), ticks };
}
