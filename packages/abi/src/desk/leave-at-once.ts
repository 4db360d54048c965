/**
 * The end of a process in which native threads still report.
 *
 * The runtime ends the desk's thread first, and aborts when a native thread then calls it (10 times out of 11). So the
 * process is ended by the system itself, after the exit listeners that were added before ours.
 */
import { writeSync } from "node:fs";
import process from "node:process";
import { inspect } from "node:util";
import { isMainThread } from "node:worker_threads";
import { cLibrary } from "../ffi/c-library.ts";

let lastUncaught: { readonly error: unknown } | null = null;

/** From now on the process ends at once when it ends. In a worker nothing changes. */
export function beginLeavingAtOnce(): void {
  if (!isMainThread) return;
  process.on("exit", leaveAtOnce);
  process.on("uncaughtExceptionMonitor", noteUncaught);
}

/** From now on it ends as usual. */
export function endLeavingAtOnce(): void {
  process.off("exit", leaveAtOnce);
  process.off("uncaughtExceptionMonitor", noteUncaught);
}

function noteUncaught(error: unknown): void {
  lastUncaught = { error };
}

function leaveAtOnce(code: number): void {
  // The runtime says what was thrown only after the listeners, so it has to be said here.
  if (lastUncaught !== null && process.listenerCount("uncaughtException") === 0) {
    writeSync(2, `${inspect(lastUncaught.error)}\n\nNode.js ${process.version}\n`);
  }
  cLibrary().bind<(code: number) => void>("void _exit(int code)")(code);
}
