/** Watches what happens between nodes while a portal goes to another process and comes back. */
import { subscribe } from "node:diagnostics_channel";
import { DiagnosticsCounters, type ClosureMessage, type ConnectMessage, Node } from "ipcz";

// A channel for each kind of event; nothing is made for those that nobody subscribes to.
subscribe("ipcz:connect", (message) => {
  console.log("a connection:", (message as ConnectMessage).step);
});
subscribe("ipcz:closure", (message) => {
  console.log("a portal:", (message as ClosureMessage).step);
});

using counters = new DiagnosticsCounters();
const node = new Node();
const child = await node.fork(new URL("./child.js", import.meta.url));
const [mine, yours] = node.openPortals();
child.portal.put({ handles: [yours] });
const [back] = (await child.portal.receive())?.portals ?? [];
mine.put("round trip");
console.log((await back?.receive())?.text());

mine.close();
await back?.closed;
back?.close();
child.portal.close();
const { counts } = counters;
console.log("left:", (counts["transfer.split"] ?? 0) + (counts["transfer.proxied"] ?? 0));
console.log("arrived:", counts["transfer.arrived"]);
node.close();
