/** Uses what it could not have opened. */
import { fstatSync, writeSync } from "node:fs";
import type { Socket } from "node:net";
import { connectToParent, DescriptorStream, PortalPort, type ReceivedFile } from "ipcz";

const { node, portals } = connectToParent();
const [forPort, forStream] = portals;
if (!forPort || !forStream) throw new Error("the parent made no portals");

const port = new PortalPort(forPort);
port.on("close", () => node.close());
port.on("message", (message) => {
  const { file, socket } = message as { readonly file?: ReceivedFile; readonly socket?: Socket };
  if (file) {
    writeSync(file.fd, "hello from another process");
    file.close();
    port.postMessage("written");
  }
  socket?.end("served by another process");
});

const stream = new DescriptorStream(forStream);
let names = "";
const sizes: string[] = [];
for await (const chunk of stream.iterator({ destroyOnReturn: false })) {
  names += String(chunk);
  for (let came = stream.takeDescriptors(); came; came = stream.takeDescriptors()) {
    const name = names.slice(came.position).split("\n")[0] ?? "";
    for (const file of came.files) {
      sizes.push(`${name} ${fstatSync(file.fd).size > 0 ? "has bytes" : "is empty"}`);
      file.close();
    }
  }
}
stream.end(sizes.join("\n"));
