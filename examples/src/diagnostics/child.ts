/** Sends back what comes. */
import { connectToParent } from "ipcz";

const { node, portal } = connectToParent();
for await (const parcel of portal) portal.put(parcel);
node.close();
