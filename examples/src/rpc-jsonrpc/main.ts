/** Introduces a server and a client that speak JSON-RPC. */
import { introduce } from "../rpc-support/introduce.ts";

await introduce(new URL("./server.js", import.meta.url), new URL("./client.js", import.meta.url));
