/**
 * The files a check may look at. Checks get this instead of the file system, so that their tests can hand them a
 * small repository made of strings.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

export interface Repository {
  /** Every file, relative to the root, with "/" on every platform, sorted. */
  readonly paths: readonly string[];
  /** Whether `path` is one of them. */
  has(path: string): boolean;
  /** Its text. */
  read(path: string): string;
}

/** The working tree at `root`, without what .gitignore names as folders. */
export function openRepository(root: string): Repository {
  const ignored = ignoredFolders(readFileSync(join(root, ".gitignore"), "utf8"));
  const paths: string[] = [];
  const visit = (folder: string): void => {
    for (const entry of readdirSync(join(root, folder), { withFileTypes: true })) {
      const path = folder === "" ? entry.name : `${folder}/${entry.name}`;
      if (entry.isFile()) paths.push(path);
      else if (entry.isDirectory() && !ignored.has(entry.name) && !ignored.has(path)) visit(path);
    }
  };
  visit("");
  return repositoryOf(paths, (path) => readFileSync(join(root, path), "utf8"));
}

/** A repository of given files, for tests. */
export function repositoryOfTexts(texts: Readonly<Record<string, string>>): Repository {
  return repositoryOf(Object.keys(texts), (path) => texts[path] ?? "");
}

function repositoryOf(paths: readonly string[], load: (path: string) => string): Repository {
  const known = new Set(paths);
  const texts = new Map<string, string>();
  return {
    paths: paths.toSorted(),
    has: (path) => known.has(path),
    read(path) {
      const text = texts.get(path) ?? load(path);
      texts.set(path, text);
      return text;
    },
  };
}

/** "dist/" names every folder dist, "docs/api/" that one; other patterns do not matter here. */
function ignoredFolders(gitignore: string): ReadonlySet<string> {
  const folders = gitignore
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line.endsWith("/") && !line.startsWith("#"))
    .map((line) => line.slice(0, -1));
  return new Set([".git", ...folders]);
}

/** The line, from 1, on which `offset` lies. */
export function lineAt(text: string, offset: number): number {
  let line = 1;
  for (let at = text.indexOf("\n"); at !== -1 && at < offset; at = text.indexOf("\n", at + 1))
    line++;
  return line;
}
