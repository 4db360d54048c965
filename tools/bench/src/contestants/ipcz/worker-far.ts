/** The far end of ipcz between threads, in a worker thread. */
import { workerData } from "node:worker_threads";
import { IPCZ_CONNECT_NODE_TO_BROKER, type IpczHandle } from "@ipcz/api";
import { workerDriver } from "@ipcz/driver-mem/worker";
import { serve } from "../../messages/serve.ts";
import { api, check } from "./api.ts";
import { PortalPort } from "./port.ts";

const driver = workerDriver();
const node = { value: 0 as IpczHandle };
check(api.CreateNode(driver, 0, null, node), "create a node");
const portals: IpczHandle[] = [];
const transport = driver.takeSeat(workerData);
check(
  api.ConnectNode(node.value, transport, 1, IPCZ_CONNECT_NODE_TO_BROKER, null, portals),
  "connect",
);
const [messages] = portals as [IpczHandle];
serve(new PortalPort(messages, () => {}));
