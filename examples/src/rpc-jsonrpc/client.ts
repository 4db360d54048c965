/** Sends requests over a stream: the framing of language servers, without their pipes. */
import { once } from "node:events";
import { PortalStream } from "ipcz";
import {
  createMessageConnection,
  StreamMessageReader,
  StreamMessageWriter,
} from "vscode-jsonrpc/node";
import { introduced } from "../rpc-support/introduced.ts";
import { callUnderLoad, CALLS } from "../rpc-support/load.ts";

const { node, portal } = await introduced();
const stream = new PortalStream(portal);
const connection = createMessageConnection(
  new StreamMessageReader(stream),
  new StreamMessageWriter(stream),
);
connection.onNotification("log", (text: string) => console.log("a notification:", text));
connection.listen();

console.log("a call:", await connection.sendRequest<number>("double", 21));
console.log("another:", await connection.sendRequest<string>("greet", "ipcz"));

await callUnderLoad((number) => connection.sendRequest<number>("double", number));
console.log("calls answered:", CALLS);

connection.dispose();
stream.end();
stream.resume();
await once(stream, "close");
node.close();
