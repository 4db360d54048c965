/**
 * npm run sim: random work on whole networks, by seed; a failure becomes the shortest story that still fails.
 */
import process from "node:process";
import { parseArgs } from "node:util";
import { type Listen, type Outcome, runSeed, runStory } from "./run.ts";
import { SABOTAGES } from "./sabotage.ts";
import { pickSteps, shrink } from "./shrink.ts";
import { describeStep, formatKeep, parseKeep, type Setting, type Step } from "./story.ts";
import { REASONS } from "./violation.ts";

const HELP = `npm run sim -- [options]

  --seed S         the seed, or the first of several (default 1)
  --seeds N        how many seeds (default 1)
  --steps N        steps of each run (default 300)
  --nodes N        nodes of each network, 2 to 12 (default: by seed)
  --brokers N      brokers among them (default: 1 or 2, by seed); of 3 or more, two may introduce the same nodes
                   at the same time, and the route that needed it is then lost
  --sabotage MODE  break a rule on purpose; the run must then fail
                   ${Object.keys(SABOTAGES).join(", ")}
  --keep LIST      only these steps of the seed's story, as 0-3,7
  --log            print every step, delivery and parcel
  --no-shrink      print a failing story as it is
  --help           this text

Exit code 0: all seeds passed; 1: one failed; 2: wrong options.
`;

/** Milliseconds between two lines of progress. */
const PROGRESS_MS = 5000;

interface Options {
  readonly setting: Setting;
  readonly seeds: number;
  readonly keep: ReadonlySet<number> | null;
  readonly shrinks: boolean;
  readonly logs: boolean;
}

try {
  const options = readOptions();
  if (options) process.exitCode = runAll(options) ? 0 : 1;
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 2;
}

function readOptions(): Options | null {
  const { values } = parseArgs({
    options: {
      seed: { type: "string", default: "1" },
      seeds: { type: "string", default: "1" },
      steps: { type: "string", default: "300" },
      nodes: { type: "string" },
      brokers: { type: "string" },
      sabotage: { type: "string" },
      keep: { type: "string" },
      log: { type: "boolean", default: false },
      "no-shrink": { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) {
    console.log(HELP);
    return null;
  }
  const { nodes, brokers, sabotage = null, keep } = values;
  if (sabotage !== null && !(sabotage in SABOTAGES))
    throw new Error(`--sabotage: one of ${Object.keys(SABOTAGES).join(", ")}`);
  return {
    setting: {
      seed: whole("--seed", values.seed, 0, Number.MAX_SAFE_INTEGER),
      steps: whole("--steps", values.steps, 1, 10_000_000),
      nodes: nodes === undefined ? null : whole("--nodes", nodes, 2, 12),
      brokers: brokers === undefined ? null : whole("--brokers", brokers, 1, 12),
      sabotage,
    },
    seeds: whole("--seeds", values.seeds, 1, 1_000_000_000),
    keep: keep === undefined ? null : parseKeep(keep),
    shrinks: !values["no-shrink"],
    logs: values.log,
  };
}

function whole(option: string, text: string, min: number, max: number): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < min || value > max)
    throw new Error(`${option}: a whole number from ${String(min)} to ${String(max)}`);
  return value;
}

/** Runs all seeds; true: none failed. */
function runAll({ setting, seeds, keep, shrinks, logs }: Options): boolean {
  let failed = 0;
  let deliveries = 0;
  let progressAt = Date.now() + PROGRESS_MS;
  for (let index = 0; index < seeds; index++) {
    const own = { ...setting, seed: setting.seed + index };
    const outcome = runOne(own, keep, logs ? console.log : null);
    deliveries += outcome.deliveries;
    if (seeds === 1) console.log(`${String(outcome.nodes)} nodes, log ${outcome.hash}`);
    if (outcome.violation) {
      failed++;
      report(own, outcome, keep === null && shrinks);
    }
    if (Date.now() < progressAt) continue;
    progressAt = Date.now() + PROGRESS_MS;
    const done = `${String(index + 1)} of ${String(seeds)} seeds`;
    process.stderr.write(`${done}, ${String(deliveries)} deliveries, ${String(failed)} failed\n`);
  }
  console.log(`${String(deliveries)} deliveries`);
  console.log(`${String(seeds - failed)} passed, ${String(failed)} failed, 0 skipped`);
  return failed === 0;
}

function runOne(
  setting: Setting,
  keep: ReadonlySet<number> | null,
  listen: Listen | null,
): Outcome {
  if (!keep) return runSeed(setting, listen);
  return runStory(setting, pickSteps(runSeed(setting).story, keep), listen);
}

/** Says what failed and how to see it again. */
function report(setting: Setting, { violation, story }: Outcome, shrinks: boolean): void {
  if (!violation) return;
  const { reason, message } = violation;
  console.log(`seed ${String(setting.seed)} fails (${reason}: ${REASONS[reason]})`);
  console.log(`  ${message}`);
  const { kept, story: shortest } = shrinks
    ? shrink(setting, story, reason)
    : { kept: null, story };
  const told: readonly Step[] = shortest;
  for (const [index, step] of told.entries())
    console.log(`  ${String(kept?.[index] ?? index).padStart(4)} ${describeStep(step)}`);
  console.log(`  whole:    ${command(setting)}`);
  if (kept) console.log(`  shortest: ${command(setting)} --keep ${formatKeep(kept)}`);
}

function command({ seed, steps, nodes, brokers, sabotage }: Setting): string {
  const words = ["npm run sim --", `--seed ${String(seed)}`, `--steps ${String(steps)}`];
  if (nodes !== null) words.push(`--nodes ${String(nodes)}`);
  if (brokers !== null) words.push(`--brokers ${String(brokers)}`);
  if (sabotage !== null) words.push(`--sabotage ${sabotage}`);
  return words.join(" ");
}
