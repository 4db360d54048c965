/**
 * Who may import whom among the packages, and whether it says so in its manifest.
 *
 * Published sources see only the layers below them and only what a user of the package gets installed. Tests see
 * whatever is declared: a driver's tests may run a core over it.
 */
import { isBuiltin } from "node:module";
import { posix } from "node:path";
import type { Finding } from "../finding.ts";
import { importsOf, isSource, packageOf, type ImportSite } from "../imports.ts";
import type { Repository } from "../repository.ts";
import { readWorkspaces, rootDependencies, workspaceOf, type Workspace } from "../workspaces.ts";

/** Layer to the layers it may import; "tool" and "example" may import everything. */
const maySee: Readonly<Record<string, readonly string[]>> = {
  api: [],
  core: ["api"],
  abi: ["api"],
  codec: [],
  "driver-base": ["api", "codec", "abi"],
  driver: ["api", "codec", "abi", "driver-base"],
  ipcz: ["api", "core", "driver"],
  mojo: ["api", "driver", "ipcz"],
};
const seesAll: ReadonlySet<string> = new Set(["tool", "example"]);
/** Files at the root that every package may import. */
const shared: ReadonlySet<string> = new Set(["vitest.shared.ts", "tools/run-vitest.mjs"]);
/**
 * Suites that tests may import, by name or by path, without declaring them: they depend on what they test, so a
 * declaration the other way round would be a circle.
 */
const suites = { name: "@ipcz/conformance", path: "tools/conformance/src/" };

export function checkPackageLayers(repository: Repository): Finding[] {
  const workspaces = readWorkspaces(repository);
  const atRoot = rootDependencies(repository);
  const findings = workspaces.flatMap((workspace) => checkManifest(workspace, workspaces));
  for (const path of repository.paths.filter(isSource)) {
    const from = workspaceOf(workspaces, path);
    if (!from) continue;
    for (const site of importsOf(repository.read(path))) {
      const message = site.specifier.startsWith(".")
        ? checkRelative(path, from, site)
        : checkBare(path, from, site, workspaces, atRoot);
      if (message !== null) findings.push({ path, line: site.line, message });
    }
  }
  return findings;
}

function checkManifest(workspace: Workspace, workspaces: readonly Workspace[]): Finding[] {
  const path = `${workspace.dir}/package.json`;
  const findings: Finding[] = [];
  const { layer } = workspace;
  if (layer === null || !(layer in maySee || seesAll.has(layer)))
    findings.push({
      path,
      line: 0,
      message: `the tag "layer:${layer ?? ""}" is missing or unknown; use one of ${[...Object.keys(maySee), ...seesAll].join(", ")}`,
    });
  for (const [name, range] of workspace.declared) {
    const target = workspaces.find((each) => each.name === name);
    if (target && range !== target.version && range !== "*")
      findings.push({
        path,
        line: 0,
        message: `asks for ${name} ${range}, but the workspace is at ${target.version}: npm would look for it elsewhere (private packages ask for "*")`,
      });
  }
  return findings;
}

function checkRelative(path: string, from: Workspace, site: ImportSite): string | null {
  const target = posix.join(posix.dirname(path), site.specifier);
  if (target.startsWith(`${from.dir}/`) || shared.has(target)) return null;
  if (isTest(path, from) && target.startsWith(suites.path)) return null;
  return `imports ${site.specifier}, which lies outside ${from.dir}: import the other package by its name`;
}

function checkBare(
  path: string,
  from: Workspace,
  site: ImportSite,
  workspaces: readonly Workspace[],
  atRoot: ReadonlySet<string>,
): string | null {
  const name = packageOf(site.specifier);
  if (isBuiltin(site.specifier)) return null;
  const published = !from.private && path.startsWith(`${from.dir}/src/`);
  if (name === from.name)
    return published ? "a package imports its own files relatively, not by its name" : null;
  if (isTest(path, from) && name === suites.name) return null;
  const target = workspaces.find((each) => each.name === name);
  if (published && target && !maySeeLayer(from.layer, target.layer))
    return `${from.name} (${from.layer}) must not see ${target.name} (${target.layer}): declare an interface below and let the upper layer implement it`;
  if (published && !from.runtime.has(name))
    return `imports ${name}, which is not in the dependencies of ${from.dir}/package.json`;
  if (!published && !from.declared.has(name) && !atRoot.has(name))
    return `imports ${name} without declaring it: add it to ${from.dir}/package.json`;
  return null;
}

function isTest(path: string, { dir }: Workspace): boolean {
  return path.startsWith(`${dir}/test/`);
}

function maySeeLayer(from: string | null, to: string | null): boolean {
  if (from === null || to === null) return false;
  return seesAll.has(from) || (maySee[from]?.includes(to) ?? false);
}
