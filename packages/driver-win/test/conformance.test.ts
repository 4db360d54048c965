import { describe, expect, it } from "vitest";
import { driverConformance } from "../../../tools/conformance/src/driver/index.ts";
import { isWindows, runsHere } from "../../../tools/conformance/src/runs-here.ts";
import { driverOver, type WinDriver } from "../src/driver.ts";
import { winDriver } from "../src/index.ts";
import { FakeWindows } from "./support/fake-windows.ts";
import { strangers } from "./support/strangers.ts";

const immediate = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

function declare(name: string, createDriver: () => WinDriver): void {
  driverConformance({
    name,
    describe,
    it,
    expect,
    createDriver,
    createRelayOnlyPair: strangers,
    settle: immediate,
    dispose: (driver) => driver.dispose(),
    liveObjects: (driver) => {
      const { retired: _retired, ...counts } = driver.liveObjects();
      return Object.values(counts).reduce((sum, count) => sum + count, 0);
    },
  });
}

describe("anywhere", () => {
  declare("win, over a made-up system", () => driverOver(new FakeWindows().boot(), {}));
});

describe.runIf(runsHere(isWindows, "the driver suite over named pipes, which need Windows"))(
  "on Windows",
  () => {
    declare("win", () => winDriver());
  },
);
