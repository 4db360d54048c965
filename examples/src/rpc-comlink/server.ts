/** Exposes an object over the port to the client. */
import * as Comlink from "comlink";
import { PortalPort } from "ipcz";
import { introduced } from "../rpc-support/introduced.ts";
import { proxyOver } from "./proxies.ts";
import type { Service } from "./service.ts";

const { node, portal } = await introduced();
proxyOver(node);
const port = new PortalPort(portal);
const service: Service = {
  double: (number) => number * 2,
  work: async (steps, report) => {
    for (let step = 1; step <= steps; step++) await report(step);
    return `done by another process`;
  },
  describe: (value) =>
    value instanceof Uint8Array ? `${value.length} bytes` : Object.prototype.toString.call(value),
};
Comlink.expose(service, port);
port.on("close", () => node.close());
