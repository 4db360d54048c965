/** Answers requests that come over the stream from the client. */
import { PortalStream } from "ipcz";
import {
  createMessageConnection,
  StreamMessageReader,
  StreamMessageWriter,
} from "vscode-jsonrpc/node";
import { introduced } from "../rpc-support/introduced.ts";

const { node, portal } = await introduced();
// As a socket: when the client has ended, so has the server.
const stream = new PortalStream(portal, { allowHalfOpen: false });
const connection = createMessageConnection(
  new StreamMessageReader(stream),
  new StreamMessageWriter(stream),
);
connection.onRequest("double", (number: number) => number * 2);
connection.onRequest("greet", async (name: string) => {
  await connection.sendNotification("log", `greeting ${name}`);
  return `hello, ${name}`;
});
connection.onClose(() => node.close());
connection.listen();
