/**
 * A copy of the working tree, with dependencies for Windows. Those in the repository itself are for this system.
 */
import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readdirSync, rmSync } from "node:fs";
import { basename, join } from "node:path";
import process from "node:process";

const LEFT_OUT: ReadonlySet<string> = new Set([".git", ".nx", "coverage", "node_modules"]);

/** Copies the tree at `root`, as it is built, to a folder of this run in `cache`. */
export function copyTree(root: string, modules: string, cache: string): string {
  const trees = join(cache, "trees");
  mkdirSync(trees, { recursive: true });
  removeAbandoned(trees);
  const tree = join(trees, String(process.pid));
  cpSync(root, tree, { recursive: true, filter: (path) => !LEFT_OUT.has(basename(path)) });
  // Links to the workspaces are relative, so that they lead into this tree; files need no space of their own.
  execFileSync("cp", ["--archive", "--link", modules, join(tree, "node_modules")]);
  return tree;
}

/** A run that was killed leaves its tree; its number is the name. */
function removeAbandoned(trees: string): void {
  for (const name of readdirSync(trees))
    if (!existsSync(`/proc/${name}`)) rmSync(join(trees, name), { recursive: true });
}
