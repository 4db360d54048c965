/**
 * Node.js for Windows under Wine, set up in a folder outside the repository.
 */
import { rmSync } from "node:fs";
import os from "node:os";
import { join, relative } from "node:path";
import process from "node:process";
import { fileURLToPath, pathToFileURL } from "node:url";
import type { Host } from "../host.ts";
import { fetchNode, installDependencies, WINDOWS_NODE } from "./from-npm.ts";
import { joinModules } from "./one-file.ts";
import { openPrefix, keepRunning, wineEnvironment } from "./prefix.ts";
import type { WinePrograms } from "./programs.ts";
import { copyTree } from "./tree.ts";

/** Sets up what is not there yet; throws when something cannot be had. */
export async function wineHost(programs: WinePrograms, root: string): Promise<Host> {
  const cache = join(process.env["XDG_CACHE_HOME"] ?? join(os.homedir(), ".cache"), "ipcz-windows");
  const node = fetchNode(cache);
  const modules = installDependencies(root, cache);
  const prefix = openPrefix(programs, cache);
  const running = keepRunning(programs, prefix, node);
  const tree = copyTree(root, modules, cache);
  await joinModules(tree);
  // That of the copy, so that changes to the repository do not matter to a run.
  const preload = join(
    tree,
    relative(root, fileURLToPath(new URL("./preload.mjs", import.meta.url))),
  );
  return {
    description: `Node.js ${WINDOWS_NODE} for Windows under Wine`,
    command: [programs.wine, node],
    root: tree,
    env: {
      ...wineEnvironment(prefix),
      ...(process.stdout.isTTY ? {} : { NO_COLOR: "1" }),
      // In the environment, so that processes and threads that a test starts have it too.
      NODE_OPTIONS: `--import=${pathToFileURL(preload).href.replace("///", "///Z:/")}`,
    },
    lost: running.lost,
    pathInside: pathInWine,
    close: () => {
      running.release();
      rmSync(tree, { recursive: true });
    },
  };
}

/** The drive Z is the root of the file system. */
function pathInWine(path: string): string {
  return `Z:${path.replaceAll("/", "\\")}`;
}
