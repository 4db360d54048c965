/** The in-process driver keeps the driver contract, under each schedule and in each of its ways to pass objects. */
import { describe, expect, it } from "vitest";
import { driverConformance } from "../../../tools/conformance/src/driver/index.ts";
import {
  memDriver,
  type MemDriver,
  type MemLiveObjects,
  type MemWorldOptions,
} from "../src/index.ts";

const cases: readonly MemWorldOptions[] = [
  { schedule: "sync" },
  { schedule: "async" },
  { schedule: "seeded", seed: 1 },
  { schedule: "seeded", seed: 2, delay: { probability: 0.3, stepsMax: 20 } },
  { schedule: "async", forceRelay: true },
  { schedule: "sync", objectBytes: 8, envelopes: true, scribble: true },
  { schedule: "seeded", seed: 3, forceRelay: true, objectBytes: 3, scribble: true },
  { schedule: "async", memory: "plain" },
];

/** All of them, also those under way. */
function count({ transports, memories, mappings, envelopes }: MemLiveObjects): number {
  return transports + memories + mappings + envelopes;
}

for (const options of cases) {
  driverConformance<MemDriver>({
    name: JSON.stringify(options),
    describe,
    it,
    expect,
    createDriver: () => memDriver(options),
    settle: (driver) => driver.world.settle(),
    liveObjects: (driver) => count(driver.world.liveObjects()),
    ...(options.forceRelay === true && {
      createPair: (driver: MemDriver) => driver.createTransports("broker", "normal"),
      createRelayOnlyPair: (driver: MemDriver) => driver.createTransports("normal", "normal"),
    }),
  });
}
