/**
 * Hundreds of random networks, each from a seed. A failure names its seed; to see it again, or to try more:
 *
 *     FIRST_SEED=4711 SEEDS=1 npx vitest run test/routing/random-network.test.ts
 */
import { describe, it } from "vitest";
import { RANDOM_MODES } from "./random-modes.ts";
import { runRandom } from "./random-network.ts";

const FIRST_SEED = Number(process.env["FIRST_SEED"] ?? 1);
const SEEDS = Number(process.env["SEEDS"] ?? 40);
/** Seeds of one test: between two tests the watchdog sees that we are alive. */
const BATCH = 40;

describe.each(Object.entries(RANDOM_MODES))(
  "random networks keep every promise (%s)",
  (_, mode) => {
    const end = FIRST_SEED + SEEDS;
    for (let first = FIRST_SEED; first < end; first += BATCH) {
      const next = Math.min(first + BATCH, end);
      it(`seeds ${first} to ${next - 1}`, { timeout: 60_000 }, () => {
        for (let seed = first; seed < next; seed++) runRandom({ seed, ...mode });
      });
    }
  },
);
