/**
 * The program of a process that runs scenarios in one placement and tells, a line each, how they went.
 *
 * It holds the main node of each. When that is the library's and takes the process down, the runner starts another.
 */
import process from "node:process";
import { featureSets, runScenario, scenarios } from "@ipcz/conformance/scenario";
import { environmentOf } from "./environment.ts";
import { placementNamed } from "./placements.ts";
import type { Batch, Line } from "./batch.ts";

const [, , orders] = process.argv;
if (orders === undefined) throw new Error("this process is started by the interop runner only");
const batch = JSON.parse(orders) as Batch;
const placement = placementNamed(batch.setting.placement);
const environment = environmentOf(batch.setting, placement, placement.sideOf("main"));
const { scale } = batch;

function tell(line: Line): void {
  process.send?.(line);
}

for (const { scenario: wanted, features: set, watchdogMs } of batch.cases) {
  const scenario = scenarios.find(({ name }) => name === wanted);
  const features = featureSets.find(({ name }) => name === set);
  if (scenario === undefined || features === undefined) {
    throw new Error(`nothing is named ${wanted} or ${set}`);
  }
  tell({ begins: true });
  const outcome = await runScenario(scenario, environment, features, { scale, watchdogMs });
  tell({ begins: false, outcome });
}
process.disconnect();
// What is still open here belongs to stories that failed.
process.exit();
