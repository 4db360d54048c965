/**
 * Two nodes of a native library, over a driver of JavaScript: what one puts the other gets.
 *
 *     node examples/dist/native-library/main.js /path/to/libipcz.so
 */
import process from "node:process";
import { loadNative } from "@ipcz/abi";
import {
  IPCZ_CONNECT_NODE_TO_BROKER,
  IPCZ_CREATE_NODE_AS_BROKER,
  IPCZ_NO_FLAGS,
  type IpczHandle,
} from "@ipcz/api";
import { memWorld } from "@ipcz/driver-mem";
import { expectOk, Portal } from "../support/portal.ts";

const [, , path = "libipcz.so"] = process.argv;
// From here on nothing tells whether the table is native or that of getAPI().
const ipcz = loadNative(path);

const world = memWorld();
const [driverA, driverB] = [world.driver("a"), world.driver("b")];
const [transportA, transportB] = world.connect(driverA, driverB);
const [a, b] = [{ value: 0 as IpczHandle }, { value: 0 as IpczHandle }];
expectOk(ipcz.CreateNode(driverA, IPCZ_CREATE_NODE_AS_BROKER, null, a), "create a broker");
expectOk(ipcz.CreateNode(driverB, IPCZ_NO_FLAGS, null, b), "create a node");

const [here, there]: [IpczHandle[], IpczHandle[]] = [[], []];
expectOk(ipcz.ConnectNode(a.value, transportA, 1, IPCZ_NO_FLAGS, null, here), "connect a");
const flags = IPCZ_CONNECT_NODE_TO_BROKER;
expectOk(ipcz.ConnectNode(b.value, transportB, 1, flags, null, there), "connect b");

const portal = new Portal(ipcz, here[0] ?? (0 as IpczHandle));
const peer = new Portal(ipcz, there[0] ?? (0 as IpczHandle));
portal.sendText("hello from a native node");
console.log((await peer.receiveText()).text);

portal.close();
peer.close();
for (const { value } of [a, b]) ipcz.Close(value, IPCZ_NO_FLAGS, null);
