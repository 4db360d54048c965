/**
 * Our table in the hands of C: a host, compiled from host.c, answers a parcel.
 *
 *     node examples/dist/c-host/main.js /path/to/host.so
 */
import process from "node:process";
import { exportAPI } from "@ipcz/abi";
import { foreign, type Address } from "@ipcz/abi/ffi";
import type { IpczHandle } from "@ipcz/api";
import { getAPI } from "@ipcz/core";
import { memDriver } from "@ipcz/driver-mem";
import { expectOk, Portal } from "../support/portal.ts";

const [, , path = "./host.so"] = process.argv;
const serve = foreign
  .load(path)
  .bind<(getAPI: Address, portal: IpczHandle) => number>(
    "int serve(void *get_api, uint64_t portal)",
  );

const ipcz = getAPI();
const exported = exportAPI(ipcz);
const node = { value: 0 as IpczHandle };
expectOk(ipcz.CreateNode(memDriver(), 0, null, node), "create a node");

const [ours, theirs] = Portal.openPair(ipcz, node.value);
expectOk(serve(exported.getAPI, theirs.handle), "let C serve a portal");
ours.sendText("a parcel from TypeScript");
const [intro, echo] = [await ours.receiveText(), await ours.receiveText()];
console.log(intro.text + echo.text);

ours.close();
ipcz.Close(node.value, 0, null);
exported.release();
