/**
 * What a started process runs: finds its orders among its arguments, its environment among those of this repository.
 */
import process from "node:process";
import { featureSets, scenarios } from "./catalogue.ts";
import type { NodeStart } from "./environment.ts";
import { environments } from "./environments.ts";
import { runNodeProcess } from "./node-process.ts";

const orders = process.argv[2];
if (orders === undefined) throw new Error("this process is started by the scenario runner only");
await runNodeProcess(JSON.parse(orders) as NodeStart, {
  environments: environments(),
  featureSets,
  scenarios,
});
