/**
 * Bytes this thread allocates between two moments, from V8's own figures: while nothing is collected, what is in use grows
 * by what is allocated and by nothing else. So there must be no collection in between, and V8 is asked whether there was.
 * The process is started with a young generation that has the room for that.
 */
import { GCProfiler, getHeapStatistics } from "node:v8";

export class AllocationCounter {
  private profiler: GCProfiler | null = null;
  private atStart = 0;

  /** Begins anew, with everything collected. Needs `--expose-gc`. */
  async start(): Promise<void> {
    this.profiler?.stop();
    await globalThis.gc?.({ type: "major", execution: "async", flavor: "last-resort" });
    // Buffers that the collection found to be garbage are freed on another thread, until the figure rests.
    for (let before = Number.NaN; before !== externalBytes();) {
      before = externalBytes();
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    this.profiler = new GCProfiler();
    this.profiler.start();
    this.atStart = bytesInUse();
  }

  /** Bytes since the start. Throws when there was a collection in between. */
  stop(): number {
    const allocated = bytesInUse() - this.atStart;
    const collections = this.profiler?.stop().statistics.length ?? 0;
    this.profiler = null;
    if (collections > 0)
      throw new Error("allocation: garbage was collected, so it was not counted");
    return allocated;
  }
}

/** On the heap and, for buffers, outside of it. */
function bytesInUse(): number {
  const { used_heap_size, external_memory } = getHeapStatistics();
  return used_heap_size + external_memory;
}

function externalBytes(): number {
  return getHeapStatistics().external_memory;
}
