/** Compresses what comes, and sends it back. */
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";
import { connectToParent, PortalStream } from "ipcz";

const { node, portal } = connectToParent();
const stream = new PortalStream(portal);
await pipeline(stream, createGzip(), stream);
node.close();
