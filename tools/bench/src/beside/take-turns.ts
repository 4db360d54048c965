/**
 * A few ways to do the same, measured by turns from one process: round after round, so that all meet the same weather.
 */

/** One thing that all of them do. */
export interface Task {
  readonly label: string;
  /** By name, in the order of their turns; what they are compared to comes first. Each does it once, and answers. */
  readonly contestants: ReadonlyMap<string, Turn>;
}

/** Answers with its figure, in the unit of the comparison. */
export type Turn = () => number | Promise<number>;

/** A figure of each round, by contestant. */
export interface Outcome {
  readonly label: string;
  readonly samples: ReadonlyMap<string, readonly number[]>;
}

/** Rounds that do not count, of those that do. */
const WARM_UP_SHARE = 1 / 3;

export async function takeTurns({ label, contestants }: Task, rounds: number): Promise<Outcome> {
  const samples = new Map<string, number[]>();
  for (let round = -Math.ceil(rounds * WARM_UP_SHARE); round < rounds; round++)
    for (const [name, turn] of contestants) {
      const sample = await turn();
      if (round >= 0) samples.set(name, [...(samples.get(name) ?? []), sample]);
    }
  return { label, samples };
}
