/**
 * Source files that nothing reaches: neither from what a package exports, nor from a file that is started by name.
 * What only a test imports counts as dead; test code lives in test/.
 */
import type { Finding } from "./finding.ts";
import { importsOf, isSource, resolveRelative, startedBy } from "./imports.ts";
import type { Repository } from "./repository.ts";
import { readWorkspaces, type Workspace } from "./workspaces.ts";

/** Started by a person or a script, not imported. */
const started = /\/(?:(?:[\w-]+-)?main|[\w-]+\.bench)\.m?[jt]s$/;

export function checkDeadFiles(repository: Repository): Finding[] {
  return readWorkspaces(repository).flatMap((workspace) => checkWorkspace(repository, workspace));
}

function checkWorkspace(repository: Repository, workspace: Workspace): Finding[] {
  const missing = workspace.entries.filter((entry) => !repository.has(entry));
  if (missing.length > 0)
    return missing.map((entry) => ({
      path: `${workspace.dir}/package.json`,
      line: 0,
      message: `exports ${entry}, which does not exist`,
    }));
  const sources = repository.paths.filter(
    (path) => path.startsWith(`${workspace.dir}/src/`) && isSource(path),
  );
  const roots = [...workspace.entries, ...sources.filter((path) => started.test(path))];
  const reached = reachableFrom(repository, roots);
  return sources
    .filter((path) => !reached.has(path))
    .map((path) => ({
      path,
      line: 0,
      message: "nobody imports this file; use it, export it or delete it",
    }));
}

function reachableFrom(repository: Repository, roots: readonly string[]): ReadonlySet<string> {
  const reached = new Set(roots);
  for (const path of reached) {
    const text = repository.read(path);
    const named = importsOf(text).map(({ specifier }) => specifier);
    for (const specifier of [...named, ...startedBy(text)]) {
      const target = specifier.startsWith(".")
        ? resolveRelative(repository, path, specifier)
        : null;
      if (target !== null) reached.add(target);
    }
  }
  return reached;
}
