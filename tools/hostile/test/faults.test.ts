/** Fixed shares of what other processes, threads and the surroundings can do. */
import { describe, expect, test } from "vitest";
import { isLinux, runsHere } from "../../conformance/src/runs-here.ts";
import { greedyPeers } from "../src/greedy-peer.ts";
import { ProcessVandalism } from "../src/process-vandal.ts";
import { refuseThings } from "../src/refusals.ts";
import { runAlone } from "../src/run-alone.ts";
import { byteByByte, neverRead, overflow, standStill } from "../src/slow-peers.ts";
import { throwInHandlers, throwOverLink } from "../src/throwing-handlers.ts";
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

const onLinux = runsHere(
  isLinux,
  "faults that take memory files, /proc and system limits of Linux",
);

test.runIf(onLinux)(
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

describe.runIf(onLinux)("a process", { timeout: 60_000 }, () => {
  test.each([["descriptors"], ["fileBytes"], ["addressSpaceBytes"]])(
    "without %s gets the documented results, and loses what needs them only",
    async (resource) => {
      expect(await runAlone("exhaustion-peer.js", [resource, "2"])).toEqual([]);
    },
  );

  test("whose handlers throw for each parcel of a link keeps the link", async () => {
    expect(await throwOverLink(50)).toEqual([]);
  });

  test("talks with a peer that reads and writes one byte at a time", async () => {
    expect(await byteByByte(1)).toEqual([]);
  });

  test("loses nothing to a peer that stands still behind a full socket", async () => {
    expect(await standStill(0)).toEqual([]);
  });

  test("drops a peer that never reads when too much waits for it", async () => {
    expect(await overflow(1)).toEqual([]);
  });

  test("drops a peer that asks for memory all the time and never reads", async () => {
    expect(await greedyPeers(1)).toEqual([]);
  });

  test("has its memory back from a peer that never read and is gone", async () => {
    expect(await neverRead(1)).toEqual([]);
  });
});
