/**
 * Cycles: among the files of a package, and among the packages by what their manifests declare. Type-only imports
 * count, since a reader has to follow those as well.
 */
import type { Finding } from "../finding.ts";
import { importsOf, isSource, resolveRelative } from "../imports.ts";
import type { Repository } from "../repository.ts";
import { readWorkspaces } from "../workspaces.ts";

export function checkFileCycles(repository: Repository): Finding[] {
  const edges = new Map<string, string[]>();
  for (const path of repository.paths.filter(isSource)) {
    const targets = importsOf(repository.read(path))
      .filter(({ specifier }) => specifier.startsWith("."))
      .map(({ specifier }) => resolveRelative(repository, path, specifier))
      .filter((target) => target !== null);
    edges.set(path, targets);
  }
  return findCycles(edges).map((cycle) => ({
    path: cycle[0] ?? "",
    line: 0,
    message: `imports itself in a circle: ${cycle.join(" > ")}; move what both need into a file of its own`,
  }));
}

export function checkPackageCycles(repository: Repository): Finding[] {
  const workspaces = readWorkspaces(repository);
  const names = new Set(workspaces.map(({ name }) => name));
  const edges = new Map(
    workspaces.map(({ name, declared }) => [
      name,
      [...declared.keys()].filter((to) => names.has(to)),
    ]),
  );
  return findCycles(edges).map((cycle) => ({
    path: `${workspaces.find(({ name }) => name === cycle[0])?.dir ?? ""}/package.json`,
    line: 0,
    message: `packages depend on each other in a circle: ${cycle.join(" > ")}; devDependencies count, nx refuses them too`,
  }));
}

/** One cycle for each knot, as the names passed, the first repeated at the end. */
export function findCycles(edges: ReadonlyMap<string, readonly string[]>): string[][] {
  const cycles: string[][] = [];
  const done = new Set<string>();
  const trail: string[] = [];
  const visit = (node: string): void => {
    const at = trail.indexOf(node);
    if (at !== -1) {
      cycles.push([...trail.slice(at), node]);
      return;
    }
    if (done.has(node)) return;
    trail.push(node);
    for (const next of edges.get(node) ?? []) visit(next);
    trail.pop();
    done.add(node);
  };
  for (const node of edges.keys()) visit(node);
  return cycles;
}
