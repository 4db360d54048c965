/** Of all the steps at which processes can be killed, one for each kind of network. */
import process from "node:process";
import { afterAll, describe, expect, test } from "vitest";
import { isLinux, isWindows, runsHere } from "../../conformance/src/runs-here.ts";
import { CASTS, victimsOn } from "../src/kill-casts.ts";
import { KillMatrix } from "../src/kill-matrix.ts";

/** Of some fifteen or more. */
const STEP = 8;

const canCount = runsHere(
  isLinux || isWindows,
  "kills; what is left over is counted on Linux and Windows",
);

describe.runIf(canCount)("a process that is killed", () => {
  const matrix = new KillMatrix();
  afterAll(() => {
    matrix.end();
  });

  const casts = CASTS.filter((cast) => victimsOn(process.platform, cast).length > 0);
  test.each(casts.map((cast, index) => [cast.name, index, cast] as const))(
    "leaves others with closed portals and nothing else (%s)",
    { timeout: isWindows ? 300_000 : 60_000 },
    async (_name, index, cast) => {
      const before = matrix.report;
      const victims = victimsOn(process.platform, cast).at(-1) ?? [];
      const direction = index % 2 === 0 ? "sent" : "received";
      await matrix.strike({ cast, victims, direction, step: STEP });
      const { killed, failures } = matrix.report;
      expect(failures).toEqual([]);
      expect(killed - before.killed).toBe(1);
    },
  );
});
