/**
 * Many calls at once, each checked.
 */

/** Calls of one run. */
export const CALLS = 10_000;
/** Calls that wait for an answer at any time. */
const inFlight = 500;

/** Makes {@link CALLS} calls, each with its number; throws when an answer is wrong, and ends only when all are there. */
export async function callUnderLoad(call: (number: number) => Promise<number>): Promise<void> {
  let next = 0;
  const caller = async (): Promise<void> => {
    while (next < CALLS) {
      const number = next++;
      const answer = await call(number);
      if (answer !== number * 2) throw new Error(`call ${number} was answered ${String(answer)}`);
    }
  };
  await Promise.all(Array.from({ length: inFlight }, caller));
}
