/**
 * ipcz between two processes, over driver-posix.
 */
import process from "node:process";
import { fileURLToPath } from "node:url";
import { IPCZ_CREATE_NODE_AS_BROKER, type IpczHandle } from "@ipcz/api";
import { getAPI } from "@ipcz/core";
import { posixDriver } from "@ipcz/driver-posix";
import type { Channel, Contestant } from "../port.ts";
import { IpczPort } from "./ipcz-port.ts";

const PEER = fileURLToPath(new URL("./ipcz-peer.js", import.meta.url));

export const ipcz: Contestant<Uint8Array> = {
  name: "ipcz",
  open: () => {
    const api = getAPI();
    const driver = posixDriver();
    const node = { value: 0 as IpczHandle };
    api.CreateNode(driver, IPCZ_CREATE_NODE_AS_BROKER, null, node);
    const { child, transport } = driver.spawnWithTransport(process.execPath, [PEER], {
      stdio: ["ignore", "inherit", "inherit"],
    });
    const ended = new Promise<void>((resolve) => {
      child.once("exit", () => resolve());
    });
    const portals: IpczHandle[] = [];
    api.ConnectNode(node.value, transport, 1, 0, null, portals);
    const port = new IpczPort(api, portals[0] as IpczHandle);
    const channel: Channel<Uint8Array> = {
      port,
      close: () => {
        port.close();
        api.Close(node.value, 0, null);
        return ended;
      },
    };
    return Promise.resolve(channel);
  },
};
