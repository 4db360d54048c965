/** The far process of a measurement: answers over what its arguments name. */
import { connect as connectPipe } from "node:net";
import process from "node:process";
import { connectToParent } from "ipcz";
import { ASK, readFrames, writeFrame } from "./bench-frames.mjs";

const [, , way, path] = process.argv;
if (way === "net") overPipe(connectPipe(path));
else await overPortal();

function overPipe(socket) {
  readFrames(socket, (message) => {
    if (message[0] === ASK.echo) writeFrame(socket, message);
  });
}

async function overPortal() {
  const { node, portal } = connectToParent();
  for (;;) {
    const parcel = await portal.receive();
    if (parcel === null) break;
    if (parcel.bytes[0] === ASK.echo) portal.put(parcel.bytes);
  }
  portal.close();
  node.close();
}
