/**
 * Every scenario in every environment with every feature set, one test each.
 *
 * The large stories run at a tenth of their size here; `npm run conformance` runs them in full.
 */
import { describe, expect, it } from "vitest";
import { featureSets, scenarios } from "../src/scenario/catalogue.ts";
import { environments } from "../src/scenario/environments.ts";
import { runScenario } from "../src/scenario/run-scenario.ts";

const SCALE = Number(process.env["IPCZ_CONFORMANCE_SCALE"] ?? 0.1);
const SEED = Number(process.env["IPCZ_CONFORMANCE_SEED"] ?? Date.now() % 1_000_000);
const WATCHDOG_MS = 60_000;

describe.each(environments(SEED))("$name", (environment) => {
  describe.each(featureSets)("$name", (features) => {
    it.each(scenarios)(
      "$name",
      async (scenario) => {
        const options = { scale: SCALE, watchdogMs: WATCHDOG_MS };
        const { reason } = await runScenario(scenario, environment, features, options);
        const repeat = `repeat with IPCZ_CONFORMANCE_SEED=${String(SEED)}`;
        expect(reason === null ? "" : `${reason}\n${repeat}`).toBe("");
      },
      WATCHDOG_MS + 30_000,
    );
  });
});
