/** What the process holds after the collector has done its work: is it the same at the end as in the middle? */
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

export interface MemoryUse {
  readonly heapBytes: number;
  readonly bufferBytes: number;
}

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

function isProcedure(value: unknown): value is () => void {
  return typeof value === "function";
}

/** Collects garbage, as far as the engine lets itself be told to. */
export async function collectGarbage(): Promise<void> {
  setFlagsFromString("--expose-gc");
  const gc: unknown = runInNewContext("gc");
  for (let round = 0; round < 3; round++) {
    if (isProcedure(gc)) gc();
    await turn();
  }
}

export async function measureMemory(): Promise<MemoryUse> {
  await collectGarbage();
  const { heapUsed, arrayBuffers, external } = process.memoryUsage();
  return { heapBytes: heapUsed, bufferBytes: arrayBuffers + external };
}

/** How much more may be in use after a run than before it. */
const GROWTH_BYTES_MAX = 24_000_000;

/** Null: flat; else what grew. */
export function growth(before: MemoryUse, after: MemoryUse): string | null {
  const heap = after.heapBytes - before.heapBytes;
  const buffers = after.bufferBytes - before.bufferBytes;
  if (heap < GROWTH_BYTES_MAX && buffers < GROWTH_BYTES_MAX) return null;
  return `grew by ${heap} bytes of heap and ${buffers} bytes of buffers`;
}
