/** A process that answers each message with what it got, over a port: to its parent, or to who listens at a pipe. */
import process from "node:process";
import { connect, connectToParent, PortalPort } from "ipcz";

const [, , where] = process.argv;
const { node, portal } = where === "parent" ? connectToParent() : await connect(where);
const port = new PortalPort(portal);
port.on("message", (value) => port.postMessage({ echo: value, pid: process.pid }));
port.on("close", () => node.close());
