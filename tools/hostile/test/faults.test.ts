/** Fixed shares of what other processes, threads and the surroundings can do. */
import { expect, test } from "vitest";
import { refuseThings, throwInHandlers } from "../src/faults.ts";
import { type Kill, KillMatrix } from "../src/kill-matrix.ts";
import { ProcessVandalism } from "../src/process-vandal.ts";
import { Vandalism } from "../src/vandal.ts";

const SEED = 20_261_124;

test(
  "a link whose memory another thread rewrites harms nobody else",
  { timeout: 60_000 },
  async () => {
    const { failures, links } = await new Vandalism(SEED).run(50, 200);
    expect(failures, `seed ${SEED}`).toEqual([]);
    expect(links).toBe(200);
  },
);

test.runIf(process.platform === "linux")(
  "a link whose memory another process rewrites harms nobody else",
  { timeout: 60_000 },
  async () => {
    const vandalism = new ProcessVandalism(SEED);
    const { failures, links, words } = await vandalism.run(50, 20);
    await vandalism.end();
    expect(failures, `seed ${SEED}`).toEqual([]);
    expect(links).toBe(20);
    expect(words).toBeGreaterThan(100);
  },
);

test(
  "links that run out of memory, mappings and sends leave nothing behind",
  { timeout: 60_000 },
  () => {
    expect(refuseThings(SEED, 300), `seed ${SEED}`).toEqual([]);
  },
);

test("handlers that throw are reported, and stop nobody", async () => {
  expect(await throwInHandlers(8)).toEqual([]);
});

const KILLS: readonly Kill[] = [
  { role: "member", direction: "sent", step: 2 },
  { role: "broker", direction: "sent", step: 1 },
  { role: "other broker", direction: "received", step: 2 },
  { role: "newcomer", direction: "received", step: 1 },
];

test.runIf(process.platform === "linux")(
  "a process that is killed leaves its peers with closed portals and nothing else",
  { timeout: 60_000 },
  async () => {
    const matrix = new KillMatrix();
    expect(await matrix.run(KILLS)).toEqual([]);
    matrix.end();
  },
);
