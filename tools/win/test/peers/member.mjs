/**
 * A process of a network: takes a portal from its broker, has a direct line to whoever has the other end, and does what
 * its first argument says. Plain JavaScript on the built packages, so that every version of Node.js runs it.
 */
import process from "node:process";
import { IPCZ_RESULT_PERMISSION_DENIED } from "@ipcz/api";
import { winDriver } from "@ipcz/driver-win";
import { connectToParent } from "ipcz";
import { inspectPortal } from "ipcz/inspect";

const [, , role] = process.argv;
const TEXT = "what one member wrote";
const REGION_BYTES = 65_536;

/** Objects that could not go over a link by themselves. */
let denied = 0;
const real = winDriver();
const driver = {
  ...real,
  Serialize(...parameters) {
    const result = real.Serialize(...parameters);
    if (result === IPCZ_RESULT_PERMISSION_DENIED) denied++;
    return result;
  },
};

const { node, portal } = connectToParent({ driver });
const [peer] = (await portal.receive()).portals;
while (!isPastBroker()) await new Promise((resolve) => setImmediate(resolve));

/** At first the route ends at the broker, which has not sent the other portal on yet. */
function isPastBroker() {
  const broker = inspectPortal(portal)?.remoteNode;
  const { isDirect, remoteNode } = inspectPortal(peer) ?? {};
  return isDirect && remoteNode !== broker;
}

function withView(memory, use) {
  const [view, mapping] = [{ value: null }, { value: 0 }];
  real.MapSharedMemory(memory, 0, null, view, mapping);
  const result = use(view.value);
  real.Close(mapping.value, 0, null);
  return result;
}

function write() {
  const memory = { value: 0 };
  real.AllocateSharedMemory(REGION_BYTES, 0, null, memory);
  withView(memory.value, (view) => view.set(Buffer.from(TEXT)));
  peer.put({ handles: [node.boxDriverObject(memory.value)] });
  return {};
}

async function read() {
  const [box] = (await peer.receive()).boxes;
  const { object } = box.open();
  const text = withView(object, (view) => Buffer.from(view.subarray(0, TEXT.length)).toString());
  real.Close(object, 0, null);
  return { text };
}

const found = role === "writes" ? write() : await read();
// The writer stays until the reader is done: its memory is fetched from it.
if (role === "writes") await peer.receive().catch(() => null);
else peer.close();
portal.put(JSON.stringify({ ...found, denied }));
await portal.receive();
portal.close();
peer.close();
node.close();
