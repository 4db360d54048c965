/**
 * The packages of this repository, as their manifests describe them.
 */
import type { Repository } from "./repository.ts";

export interface Workspace {
  /** Its folder, "packages/core". */
  dir: string;
  name: string;
  version: string;
  private: boolean;
  /** From its tag "layer:x"; null when it has none. */
  layer: string | null;
  /** Dependencies a user of the package gets: name to range. */
  runtime: ReadonlyMap<string, string>;
  /** Those and its devDependencies. */
  declared: ReadonlyMap<string, string>;
  /** Source files that its exports name, relative to the root. */
  entries: readonly string[];
}

interface Manifest {
  name?: string;
  version?: string;
  private?: boolean;
  exports?: Record<string, unknown>;
  nx?: { tags?: string[] };
  dependencies?: Record<string, string>;
  optionalDependencies?: Record<string, string>;
  peerDependencies?: Record<string, string>;
  devDependencies?: Record<string, string>;
}

/** All workspaces: every package.json below the root's own. */
export function readWorkspaces(repository: Repository): Workspace[] {
  return repository.paths
    .filter((path) => path.endsWith("/package.json") && !path.includes("/test/"))
    .map((path) => readWorkspace(repository, path.slice(0, -"/package.json".length)));
}

/** What the root offers to tests and private packages. */
export function rootDependencies(repository: Repository): ReadonlySet<string> {
  if (!repository.has("package.json")) return new Set();
  const manifest = JSON.parse(repository.read("package.json")) as Manifest;
  return new Set(Object.keys(manifest.devDependencies ?? {}));
}

function readWorkspace(repository: Repository, dir: string): Workspace {
  const manifest = JSON.parse(repository.read(`${dir}/package.json`)) as Manifest;
  const runtime = new Map(
    Object.entries({
      ...manifest.peerDependencies,
      ...manifest.optionalDependencies,
      ...manifest.dependencies,
    }),
  );
  const tag = manifest.nx?.tags?.find((each) => each.startsWith("layer:"));
  return {
    dir,
    name: manifest.name ?? dir,
    version: manifest.version ?? "",
    private: manifest.private ?? false,
    layer: tag?.slice("layer:".length) ?? null,
    runtime,
    declared: new Map([...runtime, ...Object.entries(manifest.devDependencies ?? {})]),
    entries: sourceEntries(dir, manifest.exports ?? {}),
  };
}

function sourceEntries(dir: string, exports: Record<string, unknown>): string[] {
  const entries: string[] = [];
  for (const target of Object.values(exports)) {
    if (typeof target !== "object" || target === null || !("@ipcz/source" in target)) continue;
    const source = target["@ipcz/source"];
    if (typeof source === "string") entries.push(`${dir}/${source.replace(/^\.\//, "")}`);
  }
  return entries;
}

/** The workspace that `path` belongs to. */
export function workspaceOf(workspaces: readonly Workspace[], path: string): Workspace | undefined {
  return workspaces
    .filter(({ dir }) => path.startsWith(`${dir}/`))
    .toSorted((a, b) => b.dir.length - a.dir.length)[0];
}
