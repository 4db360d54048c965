/** Stories told by several nodes: every public name, listed one by one. */
export { featureSets, scenarios } from "./catalogue.ts";
export type {
  Environment,
  FeatureSet,
  Inspect,
  NodeEnd,
  NodeRole,
  NodeStart,
  ProcessEnd,
  ProcessPlacement,
  StartedProcess,
  World,
} from "./environment.ts";
export { runMatrix, type MatrixOptions } from "./matrix.ts";
export { runNodeProcess, type Catalogue } from "./node-process.ts";
export { endOf, killProcess, wasKilled } from "./process-end.ts";
export { runScenario, WATCHDOG_MS, type RunOptions } from "./run-scenario.ts";
export {
  scenario,
  type DeclaredNode,
  type NodeBody,
  type NodeDeclaration,
  type Scenario,
  type Story,
} from "./scenario.ts";
export { TestNode, type Parcel } from "./test-node.ts";
export { countedHandles } from "../table/windows-handles.ts";
export { openDescriptors, settle, sharedMappings, type Counters } from "../table/leaks.ts";
