/**
 * The program of a process that is one node of a story: it finds out whose node it is, and is that.
 */
import process from "node:process";
import { featureSets, runNodeProcess, scenarios, type NodeStart } from "@ipcz/conformance/scenario";
import { environmentOf, SETTING_VARIABLE, type Setting } from "./environment.ts";
import { placementNamed } from "./placements.ts";

const [, , orders] = process.argv;
const setting = process.env[SETTING_VARIABLE];
if (orders === undefined || setting === undefined) {
  throw new Error("this process is started by the interop runner only");
}
const start = JSON.parse(orders) as NodeStart;
const given = JSON.parse(setting) as Setting;
const placement = placementNamed(given.placement);
await runNodeProcess(start, {
  environments: [environmentOf(given, placement, placement.sideOf(start.label))],
  featureSets,
  scenarios,
});
