/** Of all the steps at which processes can be killed, one for each kind of network. */
import { afterAll, describe, expect, test } from "vitest";
import { CASTS } from "../src/kill-casts.ts";
import { KillMatrix } from "../src/kill-matrix.ts";

describe.runIf(process.platform === "linux")("a process that is killed", () => {
  const matrix = new KillMatrix();
  afterAll(() => {
    matrix.end();
  });

  test.each(CASTS.map((cast) => [cast.name, cast] as const))(
    "leaves others with closed portals and nothing else (%s)",
    { timeout: 60_000 },
    async (_name, { victims, ...cast }) => {
      const before = matrix.report;
      const { points, killed, failures } = await matrix.run(
        { ...cast, victims: victims.slice(-1) },
        1,
      );
      expect(failures).toEqual([]);
      expect([points - before.points, killed - before.killed]).toEqual([1, 1]);
    },
  );
});
