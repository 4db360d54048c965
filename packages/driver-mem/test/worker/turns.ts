/** Turns of the event loop. */

const TURNS_MAX = 2000;
const TURNS_QUIET = 20;

/** Lets turns pass until `condition` holds; without one, a few. */
export async function turns(condition?: () => boolean): Promise<void> {
  const countMax = condition === undefined ? TURNS_QUIET : TURNS_MAX;
  for (let count = 0; count < countMax && condition?.() !== true; count++) {
    // oxlint-disable-next-line no-await-in-loop -- a turn after the other
    await new Promise((resolve) => {
      if (count < TURNS_QUIET) setImmediate(resolve);
      else setTimeout(resolve, 1);
    });
  }
}
