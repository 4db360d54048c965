/** Listens at a path and says who comes. */
import process from "node:process";
import { Node, type PeerCredentials } from "ipcz";

const [path = ""] = process.argv.slice(2);
const node = new Node();

// Asked before anything is exchanged, with what the system says of the other process. On Windows users have no numbers,
// and nobody else can connect.
const myUser = process.getuid?.() ?? null;
const accept = (peer: PeerCredentials | null) => peer?.uid === myUser;
const listener = node.listen(path, { accept });
process.send?.("listening");
process.disconnect();

for await (const { portal, peer } of listener) {
  const claim = await portal.receive();
  console.log("server: process", peer?.pid === Number(claim?.text()) ? "as it said" : "unknown");
  portal.put("welcome");
  await portal.closed;
  break;
}
node.close();
