/**
 * Starts a server and a client and makes them known to each other: from then on they talk directly.
 */
import { once } from "node:events";
import { Node } from "ipcz";

/** Starts both; resolves when both have ended well. */
export async function introduce(serverModule: URL, clientModule: URL): Promise<void> {
  const node = new Node();
  const server = await node.fork(serverModule);
  const client = await node.fork(clientModule);
  const [serverEnd, clientEnd] = node.openPortals();
  server.portal.put({ handles: [serverEnd] });
  client.portal.put({ handles: [clientEnd] });
  const processes = [client.process, server.process];
  const exits = await Promise.all(processes.map((each) => once(each, "exit")));
  node.close();
  for (const [code, signal] of exits)
    if (code !== 0) throw new Error(`a process ended with ${String(signal ?? code)}`);
}
