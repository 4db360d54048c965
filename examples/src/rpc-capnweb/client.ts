/** Calls the server; promises are used before they are kept, so that three calls take one trip. */
import { newMessagePortRpcSession } from "capnweb";
import { PortalPort } from "ipcz";
import { introduced } from "../rpc-support/introduced.ts";
import { callUnderLoad, CALLS } from "../rpc-support/load.ts";
import type { Service } from "./service.ts";

const { node, portal } = await introduced();
const port = new PortalPort(portal);
const service = newMessagePortRpcSession<Service>(port);

console.log("a call:", await service.double(21));
console.log("three calls, one trip:", await service.sum(1).plus(20).plus(300).value());

const heard: string[] = [];
const answer = await service.callBack(async (text) => heard.push(text));
console.log("a callback:", heard.join(), answer);

await callUnderLoad((number) => service.double(number));
console.log("calls answered:", CALLS);

service[Symbol.dispose]();
port.close();
node.close();
