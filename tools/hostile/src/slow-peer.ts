/** A member that reads numbered parcels, says after each how many it has, and ends with its portal. */
import process from "node:process";
import { IPCZ_CONNECT_NODE_TO_BROKER } from "@ipcz/api";
import { connect, createNode, must, put } from "./calls.ts";
import { getNumbered } from "./flood.ts";
import { isPeerClosed } from "./portal-state.ts";
import { SLOW_PARCEL_BYTES } from "./slow-parcels.ts";
import { openDriver } from "./open-driver.ts";

const driver = openDriver();
const node = createNode(driver, 0);
const transport = driver.transportFromDescriptor(3);
const [portal] = connect(node, transport, 1, IPCZ_CONNECT_NODE_TO_BROKER);
must(portal !== undefined, "a node connects");

let next = 0;
function work(): void {
  if (portal === undefined) return;
  for (let number; (number = getNumbered(portal, SLOW_PARCEL_BYTES)) !== null;) {
    must(number === next, "parcels arrive in order");
    next++;
    put(portal, new Uint8Array(Uint32Array.of(next).buffer));
  }
  if (isPeerClosed(portal)) process.exit(0);
  setTimeout(work, 1);
}
work();
