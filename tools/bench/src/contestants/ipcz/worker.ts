/**
 * ipcz between two threads of one process, over `MessagePort` and `SharedArrayBuffer`: what MessageChannel is to be
 * compared with.
 */
import { Worker } from "node:worker_threads";
import { IPCZ_CREATE_NODE_AS_BROKER, type IpczHandle } from "@ipcz/api";
import { workerDriver } from "@ipcz/driver-mem/worker";
import { type Carrier, nextMessage } from "../../messages/port.ts";
import { api, check } from "./api.ts";
import { PortalPort } from "./port.ts";

const FAR = new URL("./worker-far.js", import.meta.url);

export const workerThread: Carrier<Uint8Array> = {
  open: async () => {
    const driver = workerDriver();
    const node = { value: 0 as IpczHandle };
    check(api.CreateNode(driver, IPCZ_CREATE_NODE_AS_BROKER, null, node), "create the broker");
    const { transport, seat, transferList } = driver.offerSeat();
    const worker = new Worker(FAR, { workerData: seat, transferList });
    const portals: IpczHandle[] = [];
    check(api.ConnectNode(node.value, transport, 1, 0, null, portals), "connect");
    const [messages] = portals as [IpczHandle];
    const port = new PortalPort(messages, () => {});
    await nextMessage(port);
    return {
      port,
      close: async () => {
        port.close();
        check(api.Close(node.value, 0, null), "close the broker");
        await worker.terminate();
      },
    };
  },
};
