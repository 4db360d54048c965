/**
 * All scenarios in all environments with all feature sets, one case after the other.
 */
import type { Environment, FeatureSet } from "./environment.ts";
import type { CaseResult } from "../table/outcome.ts";
import { filtered, progressLine } from "../table/report.ts";
import { runScenario, type RunOptions } from "./run-scenario.ts";
import type { Scenario } from "./scenario.ts";

/** What to run and where to tell about it. */
export interface MatrixOptions extends RunOptions {
  /** Only scenarios whose name contains this, or matches it. */
  readonly filter?: string | RegExp;
  /** Receives a line for each case. Default: nowhere. */
  readonly log?: (line: string) => void;
}

/** Runs every case and answers with how each went, in order. */
export async function runMatrix(
  environments: readonly Environment[],
  sets: readonly FeatureSet[],
  scenarios: readonly Scenario[],
  options: MatrixOptions = {},
): Promise<CaseResult[]> {
  const wanted = filtered(scenarios, options.filter);
  const results: CaseResult[] = [];
  const log = options.log ?? (() => {});
  for (const environment of environments) {
    for (const features of sets) {
      const column = `${environment.name}/${features.name}`;
      for (const scenario of wanted) {
        // oxlint-disable-next-line no-await-in-loop -- what is left over is counted per case, so one at a time
        const outcome = await runScenario(scenario, environment, features, options);
        const result: CaseResult = { name: scenario.name, column, ...outcome };
        results.push(result);
        log(progressLine(result));
      }
    }
  }
  return results;
}
