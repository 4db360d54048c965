/** Reads the first portal; lets the second overflow. */
import { connectToParent } from "ipcz";

const { node, portals } = connectToParent();
const [portal, strict] = portals;
strict?.setLimits({ unreadBytesMax: 1024 * 1024 });
if (portal) for await (const parcel of portal) parcel.close();
node.close();
