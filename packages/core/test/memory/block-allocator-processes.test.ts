import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { describe, expect, it } from "vitest";
import { BlockAllocator, NO_BLOCK } from "../../src/memory/block-allocator.ts";
import { Region } from "../../src/memory/region.ts";

const BLOCK_SIZE = 64;

interface Report {
  allocated: number;
  conflicts: number;
  overwritten: number;
  lost: number;
}

async function hammer(blockCount: number, peers: number, seed: number): Promise<Report[]> {
  const shared = new SharedArrayBuffer(blockCount * BLOCK_SIZE);
  const span = { offset: 0, size: shared.byteLength, blockSize: BLOCK_SIZE };
  const allocator = new BlockAllocator(new Region(new Uint8Array(shared)), span);
  allocator.initialise();
  const gate = new SharedArrayBuffer(8);
  const script = new URL("./block-allocator-process.mjs", import.meta.url);
  const reports = Array.from({ length: peers }, async (_, index) => {
    const workerData = {
      shared,
      blockSize: BLOCK_SIZE,
      blockCount,
      gate,
      id: index + 1,
      peers,
      seed,
      steps: 150_000,
    };
    const worker = new Worker(script, { workerData });
    const [report] = (await once(worker, "message")) as [Report];
    await worker.terminate();
    return report;
  });
  const all = await Promise.all(reports);
  const left = new Set<number>();
  for (let count = 0; count < blockCount; count++) left.add(allocator.allocate());
  left.delete(NO_BLOCK);
  expect(left.size, `seed ${seed}: every block is free again`).toBe(blockCount - 1);
  return all;
}

describe("block allocator shared by threads", () => {
  it.each([
    [4, 2, 1],
    [16, 3, 2],
    [200, 2, 3],
  ])(
    "never gives one block to two owners (%i blocks, %i threads, seed %i)",
    async (n, peers, seed) => {
      const reports = await hammer(n, peers, seed);
      for (const report of reports)
        expect(report, `seed ${seed}`).toMatchObject({ conflicts: 0, overwritten: 0, lost: 0 });
      // One thread may get none: another that was paused can hold all the blocks there are.
      const allocated = reports.reduce((sum, report) => sum + report.allocated, 0);
      expect(allocated, `seed ${seed}`).toBeGreaterThan(1000);
    },
  );
});
