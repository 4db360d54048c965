/** Ends the process when its event loop, or one attack, stands still: a hang is a failure, not a wait. */
import { Worker } from "node:worker_threads";

const SOURCE = `
  const { workerData: { beat, still, pid } } = require("node:worker_threads");
  const { writeSync } = require("node:fs");
  for (;;) {
    const seen = Atomics.load(beat, 0);
    if (Atomics.wait(beat, 0, seen, still) !== "timed-out") continue;
    writeSync(2, "watchdog: nothing moved for " + still + " ms after beat " + seen + "\\n");
    process.kill(pid, "SIGKILL");
  }`;

/** Call the answer whenever something is done. */
export function startWatchdog(stillMs: number): () => void {
  const beat = new Int32Array(new SharedArrayBuffer(4));
  const worker = new Worker(SOURCE, {
    eval: true,
    workerData: { beat, still: stillMs, pid: process.pid },
  });
  worker.unref();
  return () => {
    Atomics.add(beat, 0, 1);
    Atomics.notify(beat, 0);
  };
}
