/** What a portal may pile up, here before it leaves and there before it is read. */
import { IpczError, Node } from "ipcz";

const MIB = 1024 * 1024;
const parcel = new Uint8Array(MIB);
const node = new Node({ limits: { highWaterMark: 2 * MIB, backlogBytesMax: 64 * MIB } });
const child = await node.fork(new URL("./child.js", import.meta.url), [], { portals: 2 });
const [portal, strict] = child.portals;
if (!portal || !strict) throw new Error("two portals were asked for");

// A put never waits. It answers false when a polite sender would, and throws at the limit.
while (portal.put(parcel));
console.log("put says wait; bytes to go:", Math.max(portal.desiredSize ?? 0, 0));
try {
  for (;;) portal.put(parcel);
} catch (error) {
  if (error instanceof IpczError) console.log("whoever does not:", error.code);
}

// The polite way: never more than 2 MiB of this process wait.
let most = 0;
for (let count = 0; count < 50; count++) {
  await portal.send(parcel);
  if (count > 0) most = Math.max(most, portal.backlog);
}
await portal.drained();
console.log("50 MiB were sent;", most <= 3 * MIB ? "few" : "many", "waited,", portal.backlog, "do");

// The child closes this one when more than 1 MiB waits unread there.
for (let count = 0; count < 4; count++) await strict.send(parcel);
console.log("a reader that does not read:", await strict.closed);
node.close();
