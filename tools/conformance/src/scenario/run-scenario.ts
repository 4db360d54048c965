/**
 * Runs one scenario in one environment and tells how it went: nothing may fail, nothing may stall, and afterwards
 * nothing may be left.
 */
import { settle, type Counters } from "../table/leaks.ts";
import type { Outcome } from "../table/outcome.ts";
import type { Environment, FeatureSet, World } from "./environment.ts";
import type { Scenario } from "./scenario.ts";
import { StoryRun, type NodeIdentity } from "./story-run.ts";

/** How scenarios are run. */
export interface RunOptions {
  /** Fraction of the rounds that the large stories take; 1 is as many as they are meant to have. */
  readonly scale?: number;
  /** After this time a story counts as stalled. */
  readonly watchdogMs?: number;
}

/** The time a story has unless told otherwise. */
export const WATCHDOG_MS: number = 60_000;

/** Tells the story from its main node on. */
export async function runScenario(
  scenario: Scenario,
  environment: Environment,
  features: FeatureSet,
  options: RunOptions = {},
): Promise<Outcome> {
  const reasonToSkip = environment.reasonToSkip?.(scenario.name) ?? null;
  if (reasonToSkip !== null) return { status: "skipped", reason: reasonToSkip, milliseconds: 0 };
  const start = performance.now();
  const deadline = Date.now() + (options.watchdogMs ?? WATCHDOG_MS);
  const scale = options.scale ?? 1;
  const telling = { scenario, environment, features, scale, deadline, ownProcess: false };
  const reason = await inNewWorld(environment, (world) => {
    const run = new StoryRun(telling, world);
    const driver = world.openDriver("broker");
    const main: NodeIdentity = {
      label: "main",
      role: "broker",
      body: scenario.story.main,
      driver,
      parent: null,
    };
    return toItsEnd(run, main);
  });
  const milliseconds = performance.now() - start;
  return { status: reason === null ? "passed" : "failed", reason, milliseconds };
}

/** Gives `use` a new world; answers with its failure, or with what it has left over, or with null. */
export async function inNewWorld(
  environment: Environment,
  use: (world: World) => Promise<string | null>,
): Promise<string | null> {
  const before = environment.leaks();
  const world = environment.createWorld();
  const all = (): Counters => ({ ...environment.leaks(), ...world.leaks() });
  const worldBefore = world.leaks();
  try {
    const failure = await use(world);
    if (failure !== null) return failure;
    const extra = await settle({ ...before, ...worldBefore }, all);
    return extra.length === 0 ? null : `left over: ${extra.join(", ")}`;
  } finally {
    world.close();
  }
}

/** Runs a node; answers with null, or with an account of what went wrong. */
export async function toItsEnd(run: StoryRun, identity: NodeIdentity): Promise<string | null> {
  try {
    await Promise.race([run.tell(identity), run.failure]);
    return null;
  } catch {
    const error = await run.failure.catch((first: unknown) => first);
    const waits = run.account();
    const reports = await run.abandon();
    return [textOfError(error), ...waits, ...reports].join("\n  ");
  } finally {
    run.end();
  }
}

function textOfError(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
