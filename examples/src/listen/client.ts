/** Joins who listens at a path. */
import process from "node:process";
import { connect, IpczError } from "ipcz";

const [path = ""] = process.argv.slice(2);
try {
  await connect(`${path}.old`);
} catch (error) {
  if (error instanceof IpczError) console.log("client: nobody there:", error.code);
}

const { portal, node, peer } = await connect(path, { signal: AbortSignal.timeout(10_000) });
// On Windows users have no numbers, and nobody else's pipe is connected to.
const myUser = process.getuid?.() ?? null;
console.log("client: a server of", peer?.uid === myUser ? "my user" : "another user");
portal.put(String(process.pid));
console.log("client:", (await portal.receive())?.text());
portal.close();
node.close();
