/** A node in a worker thread: the same portals, over memory that the threads share. */
import { WorkerNode } from "ipcz";

const node = new WorkerNode();
const { portal, worker } = node.worker(new URL("./worker.js", import.meta.url), {
  workerData: { factor: 3 },
});

for (const number of [1, 2, 3]) portal.put(String(number));
for (let count = 0; count < 3; count++) console.log((await portal.receive())?.text());

// A portal for the worker alone: the thread at its other end is no concern of ours any more.
const [mine, yours] = node.openPortals();
portal.put({ bytes: "more", handles: [yours] });
mine.put("5");
console.log((await mine.receive())?.text());

await worker.terminate();
console.log("the portal of a terminated worker:", await mine.closed);
for (const each of [mine, portal, node]) each.close();
