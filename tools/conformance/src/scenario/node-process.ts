/**
 * The program of a process that is one node of a story.
 *
 * Its one argument is a `NodeStart` as JSON. Exit code 0: the body ran to its end and left nothing over. Otherwise the
 * account is on stderr, from where the starter takes it.
 */
import type { Environment, FeatureSet, NodeStart } from "./environment.ts";
import { inNewWorld, toItsEnd } from "./run-scenario.ts";
import { declarationOf, type Scenario } from "./scenario.ts";
import { StoryRun } from "./story-run.ts";

/** Where a process finds what its `NodeStart` names. */
export interface Catalogue {
  readonly environments: readonly Environment[];
  readonly featureSets: readonly FeatureSet[];
  readonly scenarios: readonly Scenario[];
}

/** A process that has nothing more to do should end by itself; what keeps it is a leak. */
const LINGER_MS = 10_000;

/** Runs the node that `start` names; sets the exit code. */
export async function runNodeProcess(start: NodeStart, catalogue: Catalogue): Promise<void> {
  const scenario = named(catalogue.scenarios, start.scenario);
  const environment = named(catalogue.environments, start.environment);
  const features = named(catalogue.featureSets, start.features);
  const { processes } = environment;
  if (processes === null) throw new Error(`${environment.name} starts no processes`);
  const { body, role } = declarationOf(scenario, start.node);
  const { scale, deadline, label } = start;
  const failure = await inNewWorld(environment, (world) => {
    const run = new StoryRun(
      { scenario, environment, features, scale, deadline, ownProcess: true },
      world,
    );
    const driver = world.openDriver(role);
    const transport = processes.inheritedTransport(driver);
    const parent = { role: start.parentRole, transport };
    return toItsEnd(run, { label, role, body, driver, parent });
  });
  if (failure !== null) {
    console.error(failure);
    process.exitCode = 1;
  }
  endsByItself();
}

function endsByItself(): void {
  setTimeout(() => {
    console.error(`kept alive by ${process.getActiveResourcesInfo().join(", ")}`);
    process.exit(3);
  }, LINGER_MS).unref();
}

function named<T extends { readonly name: string }>(all: readonly T[], name: string): T {
  const found = all.find((one) => one.name === name);
  if (found === undefined) throw new Error(`nothing is named ${name}`);
  return found;
}
