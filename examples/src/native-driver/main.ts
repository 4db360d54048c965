/**
 * Our nodes over a driver in C, whose messages come on threads of its own.
 *
 * The library at the given path has a function without parameters that answers with an `IpczDriver*`:
 *
 *     node examples/dist/native-driver/main.js /path/to/driver.so my_driver
 */
import process from "node:process";
import { importDriver } from "@ipcz/abi";
import { foreign, type Address } from "@ipcz/abi/ffi";
import {
  IPCZ_CONNECT_NODE_TO_BROKER,
  IPCZ_CREATE_NODE_AS_BROKER,
  IPCZ_INVALID_DRIVER_HANDLE,
  IPCZ_NO_FLAGS,
  type IpczHandle,
} from "@ipcz/api";
import { getAPI } from "@ipcz/core";
import { expectOk, Portal } from "../support/portal.ts";

const [, , path = "./driver.so", name = "my_driver"] = process.argv;
const pointer = foreign.load(path).bind<() => Address>(`void *${name}(void)`);
const driver = importDriver(pointer());

const ipcz = getAPI();
const none = IPCZ_INVALID_DRIVER_HANDLE;
const [left, right] = [{ value: none }, { value: none }];
expectOk(driver.CreateTransports(none, none, 0, null, left, right), "create transports");

const [a, b] = [{ value: 0 as IpczHandle }, { value: 0 as IpczHandle }];
expectOk(ipcz.CreateNode(driver, IPCZ_CREATE_NODE_AS_BROKER, null, a), "create a broker");
expectOk(ipcz.CreateNode(driver, IPCZ_NO_FLAGS, null, b), "create a node");
const [here, there]: [IpczHandle[], IpczHandle[]] = [[], []];
expectOk(ipcz.ConnectNode(a.value, left.value, 1, IPCZ_NO_FLAGS, null, here), "connect a");
const flags = IPCZ_CONNECT_NODE_TO_BROKER;
expectOk(ipcz.ConnectNode(b.value, right.value, 1, flags, null, there), "connect b");

const portal = new Portal(ipcz, here[0] ?? (0 as IpczHandle));
const peer = new Portal(ipcz, there[0] ?? (0 as IpczHandle));
portal.sendText("carried by a driver in C");
console.log((await peer.receiveText()).text);

portal.close();
peer.close();
for (const { value } of [a, b]) ipcz.Close(value, IPCZ_NO_FLAGS, null);
