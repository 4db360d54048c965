/**
 * The far end of the ipcz contestant, in its own process.
 */
import { IPCZ_CONNECT_NODE_TO_BROKER, type IpczHandle } from "@ipcz/api";
import { getAPI } from "@ipcz/core";
import { posixDriver } from "@ipcz/driver-posix";
import { serve } from "../serve.ts";
import { IpczPort } from "./ipcz-port.ts";

const api = getAPI();
const driver = posixDriver();
const node = { value: 0 as IpczHandle };
api.CreateNode(driver, 0, null, node);
const portals: IpczHandle[] = [];
const transport = driver.inheritedTransport();
api.ConnectNode(node.value, transport, 1, IPCZ_CONNECT_NODE_TO_BROKER, null, portals);
serve(new IpczPort(api, portals[0] as IpczHandle));
