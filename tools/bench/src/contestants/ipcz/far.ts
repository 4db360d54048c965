/**
 * A far process: serves messages on its first portal and takes calls on its second. Ends with the near process.
 */
import process from "node:process";
import { IPCZ_CONNECT_NODE_TO_BROKER, type IpczHandle } from "@ipcz/api";
import { posixDriver } from "@ipcz/driver-posix";
import { serve } from "../../messages/serve.ts";
import { api, check } from "./api.ts";
import { obeyCalls } from "./obey.ts";
import { PortalPort } from "./port.ts";
import { optionsOf } from "./variants.ts";

const driver = posixDriver(optionsOf(process.argv[2] ?? ""));
const node = { value: 0 as IpczHandle };
check(api.CreateNode(driver, 0, null, node), "create a node");
const portals: IpczHandle[] = [];
const transport = driver.inheritedTransport();
check(
  api.ConnectNode(node.value, transport, 2, IPCZ_CONNECT_NODE_TO_BROKER, null, portals),
  "connect",
);
const [messages, calls] = portals as [IpczHandle, IpczHandle];
obeyCalls(calls);
serve(new PortalPort(messages, () => process.exit(0)));
