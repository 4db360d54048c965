// One of several threads that hammer one allocator in one SharedArrayBuffer. Node 20 does not run .ts in a worker,
// hence the loader.
import { parentPort, workerData } from "node:worker_threads";
import { tsImport } from "tsx/esm/api";

const here = import.meta.url;
const { BlockAllocator, NO_BLOCK } = await tsImport("../../src/memory/block-allocator.ts", here);
const { Region } = await tsImport("../../src/memory/region.ts", here);
const { seededRandom } = await tsImport("./support.ts", here);

const { shared, blockSize, blockCount, gate, id, peers, seed, steps } = workerData;
const region = new Region(new Uint8Array(shared));
const allocator = new BlockAllocator(region, {
  offset: 0,
  size: blockSize * blockCount,
  blockSize,
});
const random = seededRandom(seed * 100 + id);
const start = new Int32Array(gate);

// Second word of a block: its owner, by compare-and-swap, so that a block with two owners is seen.
const owner = new Int32Array(shared);
const held = [];
const report = { id, allocated: 0, refused: 0, conflicts: 0, overwritten: 0, lost: 0 };

Atomics.add(start, 0, 1);
while (Atomics.load(start, 0) < peers) Atomics.wait(start, 1, 0, 1);

for (let step = 0; step < steps; step++) {
  if (held.length === 0 || (held.length < 6 && random(2) === 0)) {
    const block = allocator.allocate();
    if (block === NO_BLOCK) {
      report.refused++;
      continue;
    }
    report.allocated++;
    if (Atomics.compareExchange(owner, block / 4 + 1, 0, id) !== 0) report.conflicts++;
    // Application data in the word that was the list's.
    Atomics.store(owner, block / 4, (random(2 ** 31) << 1) | id);
    held.push(block);
  } else {
    const [block] = held.splice(random(held.length), 1);
    if (Atomics.compareExchange(owner, block / 4 + 1, id, 0) !== id) report.overwritten++;
    if (!allocator.free(block)) report.lost++;
  }
}
for (const block of held) {
  Atomics.store(owner, block / 4 + 1, 0);
  if (!allocator.free(block)) report.lost++;
}
// oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin
parentPort.postMessage(report);
