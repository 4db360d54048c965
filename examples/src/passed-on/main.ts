/** Sends a port to Ann, who passes it on to Bob; then Ann is gone, and main and Bob talk on. */
import { once } from "node:events";
import { setImmediate } from "node:timers/promises";
import { Node, PortalChannel, PortalPort } from "ipcz";
import { inspectPortal } from "ipcz/inspect";

const MESSAGES = 1000;
const child = new URL("./child.js", import.meta.url);
const node = new Node();
const ann = await node.fork(child, ["Ann"]);
const bob = await node.fork(child, ["Bob"]);
const toAnn = new PortalPort(ann.portal);
const toBob = new PortalPort(bob.portal);

// Ann and Bob get a line of their own.
const line = new PortalChannel(node);
toAnn.postMessage({ friend: line.port1 }, [line.port1]);
toBob.postMessage({ friend: line.port2 }, [line.port2]);

// The messages follow the port, wherever it is by now.
const { port1: mine, port2: gift } = new PortalChannel(node);
for (let number = 0; number < MESSAGES; number++) mine.postMessage(number);
toAnn.postMessage({ gift }, [gift]);
const report: unknown[] = await once(mine, "message");
console.log(...report);

while (inspectPortal(mine)?.isDirect !== true) await setImmediate();
ann.process.kill();
await once(ann.process, "exit");
mine.postMessage("are you there?");
const answer: unknown[] = await once(mine, "message");
console.log(...answer);
mine.close();
await once(bob.process, "exit");
node.close();
