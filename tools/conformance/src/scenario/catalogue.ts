/**
 * Every scenario there is, and the feature sets they run with.
 */
import { IPCZ_FEATURE_MEM_V2 } from "@ipcz/api";
import { boxesSuite } from "./boxes.suite.ts";
import { closureSuite } from "./closure.suite.ts";
import { connectSuite } from "./connect.suite.ts";
import type { FeatureSet } from "./environment.ts";
import { mergeSuite } from "./merge.suite.ts";
import { parcelsSuite } from "./parcels.suite.ts";
import { reconnectSuite } from "./reconnect.suite.ts";
import type { Scenario } from "./scenario.ts";
import { transferSuite } from "./transfer.suite.ts";

/** All scenarios, suite by suite. */
export const scenarios: readonly Scenario[] = [
  ...connectSuite,
  ...reconnectSuite,
  ...transferSuite,
  ...closureSuite,
  ...mergeSuite,
  ...boxesSuite,
  ...parcelsSuite,
];

/** The sets of spec: api 6. */
export const featureSets: readonly FeatureSet[] = [
  { name: "Default", enabled: [] },
  { name: "MemV2", enabled: [IPCZ_FEATURE_MEM_V2] },
];
