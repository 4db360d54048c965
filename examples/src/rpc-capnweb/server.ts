/** Offers its service over the port to the client. */
import { newMessagePortRpcSession } from "capnweb";
import { PortalPort } from "ipcz";
import { introduced } from "../rpc-support/introduced.ts";
import { Service } from "./service.ts";

const { node, portal } = await introduced();
const port = new PortalPort(portal);
newMessagePortRpcSession(port, new Service());
port.on("close", () => node.close());
