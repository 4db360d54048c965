/** Of all the steps at which processes can be killed, one for each kind of network. */
import { afterAll, describe, expect, test } from "vitest";
import { isLinux, runsHere } from "../../conformance/src/runs-here.ts";
import { CASTS } from "../src/kill-casts.ts";
import { KillMatrix } from "../src/kill-matrix.ts";

/** Of some fifteen or more. */
const STEP = 8;

const onLinux = runsHere(isLinux, "kills; what is left over is counted in /proc");

describe.runIf(onLinux)("a process that is killed", () => {
  const matrix = new KillMatrix();
  afterAll(() => {
    matrix.end();
  });

  test.each(CASTS.map((cast, index) => [cast.name, index, cast] as const))(
    "leaves others with closed portals and nothing else (%s)",
    { timeout: 60_000 },
    async (_name, index, cast) => {
      const before = matrix.report;
      const direction = index % 2 === 0 ? "sent" : "received";
      await matrix.strike({ cast, victims: cast.victims.at(-1) ?? [], direction, step: STEP });
      const { killed, failures } = matrix.report;
      expect(failures).toEqual([]);
      expect(killed - before.killed).toBe(1);
    },
  );
});
