/**
 * Every entry point that a package publishes has a page in the API documentation: `typedoc.json` of the package names
 * it, or, where there is none, the index is the only one.
 */
import type { Finding } from "./finding.ts";
import type { Repository } from "./repository.ts";
import { readWorkspaces } from "./workspaces.ts";

/** What is documented when a package says nothing; the same as in `tools/docs/typedoc.json`. */
const onlyIndex: readonly string[] = ["src/index.ts"];

export function checkDocumentedEntries(repository: Repository): Finding[] {
  return readWorkspaces(repository)
    .filter((workspace) => !workspace.private)
    .flatMap(({ dir, entries }) => {
      const path = `${dir}/typedoc.json`;
      const documented = new Set(entryPointsIn(repository, path).map((entry) => `${dir}/${entry}`));
      return [
        ...entries
          .filter((entry) => !documented.has(entry))
          .map((entry) => `${entry} is an entry of the package: name it under entryPoints`),
        ...[...documented]
          .filter((entry) => !entries.includes(entry))
          .map((entry) => `${entry} is no entry of the package: remove it, or export it`),
      ].map((message) => ({ path, line: 0, message }));
    });
}

function entryPointsIn(repository: Repository, path: string): readonly string[] {
  if (!repository.has(path)) return onlyIndex;
  const options = JSON.parse(repository.read(path)) as { entryPoints?: readonly string[] };
  return options.entryPoints ?? onlyIndex;
}
