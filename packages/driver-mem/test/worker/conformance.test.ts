/** The driver between threads keeps the driver contract, both ends in one thread, with nothing left over. */
import { describe, expect, it } from "vitest";
import {
  driverConformance,
  type DriverConformanceOptions,
} from "../../../../tools/conformance/src/driver/index.ts";
import { workerDriver, type WorkerDriver } from "../../src/worker/index.ts";

const common: Omit<DriverConformanceOptions<WorkerDriver>, "name"> = {
  describe,
  it,
  expect,
  createDriver: () => workerDriver(),
  settle: () => new Promise((resolve) => setImmediate(resolve)),
  liveObjects(driver) {
    const { transports, memories, mappings } = driver.liveObjects();
    return transports + memories + mappings;
  },
};

driverConformance<WorkerDriver>({ ...common, name: "ports" });

driverConformance<WorkerDriver>({
  ...common,
  name: "ports, the other end offered as a seat",
  createPair(driver) {
    const { transport, seat } = driver.offerSeat();
    return [transport, driver.takeSeat(seat)];
  },
  floodCount: 1000,
});
