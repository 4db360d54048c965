/** Calls the server's object as if it were here. */
import * as Comlink from "comlink";
import { PortalPort } from "ipcz";
import { introduced } from "../rpc-support/introduced.ts";
import { callUnderLoad, CALLS } from "../rpc-support/load.ts";
import { proxyOver } from "./proxies.ts";
import type { Service } from "./service.ts";

const { node, portal } = await introduced();
proxyOver(node);
const port = new PortalPort(portal);
const service = Comlink.wrap<Service>(port);

console.log("a call:", await service.double(21));

const steps: number[] = [];
const report = Comlink.proxy(async (step: number) => void steps.push(step));
console.log("a callback:", await service.work(3, report), steps.join(" "));

const bytes = new Uint8Array(10_000_000);
const described = service.describe(Comlink.transfer(bytes, [bytes.buffer]));
console.log("a transfer:", await described, "there,", bytes.length, "here");

await callUnderLoad((number) => service.double(number));
console.log("calls answered:", CALLS);

port.close();
node.close();
