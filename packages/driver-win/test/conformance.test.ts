import process from "node:process";
import { describe, expect, it } from "vitest";
import { driverConformance } from "../../../tools/conformance/src/driver/index.ts";
import { runsHere } from "../../../tools/conformance/src/runs-here.ts";
import { winDriver } from "../src/index.ts";
import { strangers } from "./support/strangers.ts";

const immediate = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe.runIf(runsHere(process.platform === "win32", "the driver suite over named pipes"))(
  "on Windows",
  () => {
    driverConformance({
      name: "win",
      describe,
      it,
      expect,
      createDriver: () => winDriver(),
      createRelayOnlyPair: strangers,
      settle: immediate,
      dispose: (driver) => driver.dispose(),
      liveObjects: (driver) => {
        const { retired: _retired, ...counts } = driver.liveObjects();
        return Object.values(counts).reduce((sum, count) => sum + count, 0);
      },
    });
  },
);
