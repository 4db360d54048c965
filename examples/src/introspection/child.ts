/** Sends 3000 bytes when asked to, and keeps the portal it gets. */
import { connectToParent } from "ipcz";

const { node, portal } = connectToParent();
await portal.receive();
portal.put(new Uint8Array(3000));
const [kept] = (await portal.receive())?.portals ?? [];
await portal.closed;
kept?.close();
node.close();
