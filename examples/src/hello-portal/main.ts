/**
 * Two portals in one process: what is put into one comes out of the other.
 */
import { type IpczHandle, IPCZ_RESULT_OK } from "@ipcz/api";
import { getAPI } from "@ipcz/core";
import { memDriver } from "@ipcz/driver-mem";

const api = getAPI();

const node = { value: 0 as IpczHandle };
api.CreateNode(memDriver(), 0, null, node);

const here = { value: 0 as IpczHandle };
const there = { value: 0 as IpczHandle };
api.OpenPortals(node.value, 0, null, here, there);

const hello = new TextEncoder().encode("hello");
api.Put(here.value, hello, hello.length, null, 0, 0, null);

const bytes = new Uint8Array(64);
const numBytes = { value: bytes.length };
const result = api.Get(there.value, 0, null, bytes, numBytes, null, null, null);
if (result === IPCZ_RESULT_OK)
  console.log(new TextDecoder().decode(bytes.subarray(0, numBytes.value)));

for (const handle of [here, there, node]) api.Close(handle.value, 0, null);
