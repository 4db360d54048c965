import { describe, expect, it } from "vitest";
import { driverConformance } from "../../../tools/conformance/src/driver/index.ts";
import { mojoCodec, posixDriver, type PosixDriverOptions } from "../src/index.ts";
import { immediate } from "./support/driver.ts";

const variants: Readonly<Record<string, PosixDriverOptions>> = {
  posix: {},
  "posix in Chromium's format": { codec: "mojo" },
  "posix with Chromium's older headers": { codec: mojoCodec({ headers: "short" }) },
  "posix with lanes": { lanes: { afterMessages: 1, ringBytes: 64 * 1024 } },
  "posix with lanes that spin": { lanes: { afterMessages: 1, spinMicros: 20 } },
};

for (const [name, driverOptions] of Object.entries(variants)) {
  driverConformance({
    name,
    describe,
    it,
    expect,
    createDriver: () => posixDriver(driverOptions),
    settle: immediate,
    dispose: (driver) => driver.dispose(),
    liveObjects: (driver) => {
      const { retired: _retired, ...counts } = driver.liveObjects();
      return Object.values(counts).reduce((sum, count) => sum + count, 0);
    },
  });
}
