/** Looks inside while a portal goes to another process. Unstable: for tests and tools. */
import { setImmediate } from "node:timers/promises";
import { Node, type Portal } from "ipcz";
import { inspectNode, inspectPortal, inspectProcess } from "ipcz/inspect";

const node = new Node();
const child = await node.fork(new URL("./child.js", import.meta.url));
child.portal.put("send me 3000 bytes");
await new Promise<void>((resolve) => child.portal.once("readable", resolve));

const view = inspectNode(node);
console.log("a broker:", view?.isBroker, "- connections:", view?.connections.length);
console.log("fragments of an unread parcel:", view?.memory.usedFragments);
child.portal.get();
console.log("when it is read:", inspectNode(node)?.memory.usedFragments);
console.log("the driver holds transports:", view?.driver?.["transports"]);
const open = view?.driver?.["openDescriptors"] ?? view?.driver?.["openHandles"] ?? 0;
console.log("and descriptors:", open > 0);

const [mine, yours] = node.openPortals();
console.log("a new pair is", route(mine));
child.portal.put({ handles: [yours] });
while (inspectPortal(mine)?.isDirect !== true) await setImmediate();
console.log("one of it sent:", route(mine));

for (const { role, outward } of inspectProcess().routers)
  console.log(`router: ${role}, with a ${outward.primary?.type} ${outward.primary?.kind} link`);
node.close();

function route(portal: Portal): string {
  const found = inspectPortal(portal);
  const place = found?.remoteNode === null ? "in this node" : "to the child";
  return `${found?.isDirect ? "direct" : "on its way"}, ${place}`;
}
