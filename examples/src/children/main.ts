/** Starts processes and is connected to them: one with this Node, one by the name of its program. */
import { once } from "node:events";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { Node } from "ipcz";

const child = new URL("./child.js", import.meta.url);
const node = new Node();

const forked = await node.fork(child, ["forked"], { portals: 2 });
const [work, control] = forked.portals;
work?.put("some work");
console.log((await work?.receive())?.text());
control?.put("enough");
await once(forked.process, "exit");
console.log("it ended with", forked.process.exitCode);

// As with child_process.spawn, its output is a pipe unless `stdio` says otherwise.
const spawned = await node.spawn(process.execPath, [fileURLToPath(child), "spawned"], {
  stdio: ["ignore", "inherit", "inherit"],
});
spawned.portal.put("other work");
console.log((await spawned.portal.receive())?.text());

// Whichever way a process ends: all portals that lead there see it.
spawned.process.kill("SIGKILL");
console.log("the portal of a killed process:", await spawned.portal.closed);
node.close();
