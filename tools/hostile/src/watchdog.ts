/** Ends the process when its event loop, or one attack, stands still: a hang is a failure, not a wait. */
import { Worker } from "node:worker_threads";

// It looks now and then instead of being woken at each beat, which would cost a beat more than most attacks.
const SOURCE = `
  const { workerData: { beat, still, pid } } = require("node:worker_threads");
  const { writeSync } = require("node:fs");
  const pause = new Int32Array(new SharedArrayBuffer(4));
  for (let seen = -1, looks = 0; ; looks++) {
    const now = Atomics.load(beat, 0);
    if (now !== seen) looks = 0;
    seen = now;
    if (looks === 8) {
      writeSync(2, "watchdog: nothing moved for " + still + " ms after beat " + seen + "\\n");
      process.kill(pid, "SIGKILL");
    }
    Atomics.wait(pause, 0, 0, still / 8);
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
  };
}
