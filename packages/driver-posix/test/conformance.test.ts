import { describe, expect, it } from "vitest";
import { driverConformance } from "../../../tools/conformance/src/driver/index.ts";
import { posixDriver } from "../src/index.ts";
import { immediate } from "./support/driver.ts";

driverConformance({
  name: "posix",
  describe,
  it,
  expect,
  createDriver: () => posixDriver(),
  settle: immediate,
  dispose: (driver) => driver.dispose(),
  liveObjects: (driver) => {
    const { transports, memories, mappings, descriptors, lingering } = driver.liveObjects();
    return transports + memories + mappings + descriptors + lingering;
  },
});
