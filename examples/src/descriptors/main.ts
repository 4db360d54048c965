/** Sends what only this process has opened: a file, a connection, and files among the bytes of a stream. */
import { once } from "node:events";
import { mkdtemp, open, readFile, rm } from "node:fs/promises";
import { connect, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { DescriptorStream, Node, PortalPort } from "ipcz";

const folder = await mkdtemp(join(tmpdir(), "ipcz-"));
const path = join(folder, "greeting.txt");
const node = new Node();
const child = await node.fork(new URL("./child.js", import.meta.url), [], { portals: 2 });
const [forPort, forStream] = child.portals;
if (!forPort || !forStream) throw new Error("two portals were asked for");
const port = new PortalPort(forPort);

// A file in a transfer list is closed here and open there.
const file = await open(path, "w");
port.postMessage({ file }, [file]);
await once(port, "message");
console.log("the child wrote:", await readFile(path, "utf8"));

// A connection that was accepted here is served there.
const server = createServer({ pauseOnConnect: true }, (socket: Socket) => {
  port.postMessage({ socket }, [socket]);
}).listen(join(folder, "server.sock"));
const client = connect(join(folder, "server.sock"));
console.log("a client got:", await text(client));
server.close();

// In a stream descriptors belong to a byte; here to the first of each name.
const stream = new DescriptorStream(forStream);
for (const name of ["greeting.txt", "main.js"]) {
  const handle = await open(name === "main.js" ? new URL(import.meta.url) : path);
  stream.writeDescriptors(`${name}\n`, [handle]);
  await handle.close();
}
stream.end();
for (const line of (await text(stream)).trimEnd().split("\n")) console.log("sizes:", line);

port.close();
await once(child.process, "exit");
node.close();
await rm(folder, { recursive: true });
