/**
 * The desk's thread: takes reports from native threads, passes them on and never waits for anything.
 */
import { workerData } from "node:worker_threads";
import { reportCallbacks } from "../border/report-callbacks.ts";
import type { DeskSupplies } from "./desk.ts";

const { port, addresses, ready } = workerData as DeskSupplies;
const { trap, destroy, activity } = reportCallbacks((report) => port.postMessage(report));
addresses.set([trap, destroy, activity]);
// Nothing else keeps this thread alive, and the process does not wait for it.
setInterval(() => undefined, 2 ** 30);
Atomics.store(ready, 0, 1);
Atomics.notify(ready, 0);
