/**
 * Every scenario in every environment with every feature set, one test each; in groups, a file each, so that they can
 * run beside each other.
 *
 * The large stories run at a tenth of their size here; `npm run conformance` runs them in full. Where nodes have
 * processes of their own, those run the built package if there is one, since it starts four times as fast: build first.
 */
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { featureSets, scenarios } from "../../src/scenario/catalogue.ts";
import { environments } from "../../src/scenario/environments.ts";
import { runScenario } from "../../src/scenario/run-scenario.ts";

const SCALE = Number(process.env["IPCZ_CONFORMANCE_SCALE"] ?? 0.1);
const SEED = Number(process.env["IPCZ_CONFORMANCE_SEED"] ?? Date.now() % 1_000_000);
const WATCHDOG_MS = 60_000;

const BUILT = fileURLToPath(new URL("../../dist/scenario/node-process-main.js", import.meta.url));
const options = existsSync(BUILT) ? { seed: SEED, entry: BUILT } : { seed: SEED };

/** By where nodes are and what joins them. */
export type Group = "processes and threads" | "sockets in one process" | "memory";

function groupOf(name: string): Group {
  if (/Multiprocess|Threads/.test(name)) return "processes and threads";
  return /^(?:Posix|Win)/.test(name) ? "sockets in one process" : "memory";
}

/** Defines the tests of one group. */
export function runGroup(group: Group): void {
  const members = environments(options).filter(({ name }) => groupOf(name) === group);
  describe.each(members)("$name", (environment) => {
    describe.each(featureSets)("$name", (features) => {
      it.for(scenarios)("$name", { timeout: WATCHDOG_MS + 30_000 }, async (scenario, { skip }) => {
        const run = { scale: SCALE, watchdogMs: WATCHDOG_MS };
        const { status, reason } = await runScenario(scenario, environment, features, run);
        if (status === "skipped") skip(reason ?? "");
        const repeat = `repeat with IPCZ_CONFORMANCE_SEED=${String(SEED)}`;
        expect(reason === null ? "" : `${reason}\n${repeat}`).toBe("");
      });
    });
  });
}
