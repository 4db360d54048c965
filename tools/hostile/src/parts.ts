/** The attacks that need processes and threads of their own, and the faults of the surroundings. */
import type { Arguments } from "./arguments.ts";
import type { Failure } from "./campaign.ts";
import { refuseThings, throwInHandlers } from "./faults.ts";
import { everyKill, KillMatrix } from "./kill-matrix.ts";
import { Vandalism } from "./vandal.ts";

/** Where the parts say what became of them. */
export interface Verdicts {
  readonly alive: () => void;
  readonly conclude: (what: string, failures: readonly Failure[]) => void;
  readonly skip: (what: string) => void;
}

const KILL_STEPS = 10;
const REFUSING_LINKS = 2000;
const THROWING_TRAPS = 20;

export async function runParts(args: Arguments, verdicts: Verdicts): Promise<void> {
  const { alive, conclude } = verdicts;
  const report = await new Vandalism(args.seed).run(args.seconds, Infinity, alive);
  const { links, steps, words, failures } = report;
  conclude(`${words} words of shared memory rewritten: ${links} links, ${steps} steps`, failures);
  conclude(
    `${REFUSING_LINKS} links that run out of things`,
    refuseThings(args.seed, REFUSING_LINKS),
  );
  alive();
  conclude(`${THROWING_TRAPS} handlers that throw`, await throwInHandlers(THROWING_TRAPS));
  if (process.platform === "linux") await killAll(verdicts);
  else verdicts.skip("processes killed at every step (Linux only)");
}

async function killAll({ alive, conclude }: Verdicts): Promise<void> {
  const matrix = new KillMatrix();
  const kills = everyKill(KILL_STEPS);
  const failures = await matrix.run(kills, alive);
  matrix.end();
  conclude(`${kills.length} processes killed at their step`, failures);
}
