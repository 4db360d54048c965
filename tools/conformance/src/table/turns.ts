/**
 * Turns of the event loop, and loops over steps that follow each other.
 *
 * A story is sequential by nature, so its loops wait for each round; they do it here.
 */
/* oxlint-disable no-await-in-loop -- each round must have ended before the next begins */

/** Resolves after everything that is due in this turn of the loop. */
export function turn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}

/** Runs `round` for 0, 1, … `count` - 1, one after the other. */
export async function times(
  count: number,
  round: (index: number) => Promise<void> | void,
): Promise<void> {
  for (let index = 0; index < count; index += 1) await round(index);
}

/** Runs `step` for each item, one after the other. */
export async function each<T>(
  items: Iterable<T>,
  step: (item: T) => Promise<void> | void,
): Promise<void> {
  for (const item of items) await step(item);
}

/** Runs `round` until it answers false. */
export async function whileTrue(round: () => Promise<boolean>): Promise<void> {
  while (await round());
}

const PROMPT_TURNS = 256;

/**
 * Looks again after each turn until `holds` does.
 *
 * After many turns without success it lets a millisecond pass between two looks, so that what is waited for can have
 * the processor if it happens in another process.
 */
export async function turnsUntil(holds: () => boolean): Promise<void> {
  for (let turns = 0; !holds(); turns += 1) {
    if (turns < PROMPT_TURNS) await turn();
    else await new Promise((resolve) => setTimeout(resolve, 1));
  }
}
