/**
 * Enough of some packages is covered, and what is not is what the list says: nothing else, and nothing less.
 */
import type { Finding } from "../finding.ts";
import type { Repository } from "../repository.ts";
import { coveredPackages, linesOf, listedPlaces, listPath, sourcesOf } from "./list.ts";
import { branchShare, type FileCoverage, lineShare, type Share, uncoveredLines } from "./report.ts";

/** Per cent. */
export const linesDue = 95;
export const branchesDue = 90;

/** `report`: by path from the repository's root. */
export function checkCoverage(
  repository: Repository,
  report: ReadonlyMap<string, FileCoverage>,
): Finding[] {
  const folders = coveredPackages.map(sourcesOf);
  const files = [...report].filter(([path]) => folders.some((folder) => path.startsWith(folder)));
  return [
    ...folders.flatMap((folder) => {
      const contents = files.flatMap(([path, file]) => (path.startsWith(folder) ? [file] : []));
      return contents.length > 0
        ? checkShares(folder, contents)
        : [{ path: folder, line: 0, message: "no file of it is in the report" }];
    }),
    ...checkPlaces(repository, files),
  ];
}

function checkShares(folder: string, files: readonly FileCoverage[]): Finding[] {
  return [
    ...checkShare(folder, "lines", lineShare(files), linesDue),
    ...checkShare(folder, "branches", branchShare(files), branchesDue),
  ];
}

export function percentOf({ total, covered }: Share): number {
  return total === 0 ? 100 : (covered / total) * 100;
}

function checkShare(path: string, what: string, share: Share, due: number): Finding[] {
  const percent = percentOf(share);
  if (percent >= due) return [];
  const message = `${percent.toFixed(2)} % of ${what} are covered, and ${due} % are due`;
  return [{ path, line: 0, message }];
}

function checkPlaces(
  repository: Repository,
  files: readonly (readonly [string, FileCoverage])[],
): Finding[] {
  const findings: Finding[] = [];
  const unmatched = new Set(listedPlaces(repository));
  for (const [path, file] of files) {
    const codes = linesOf(repository, path);
    for (const line of uncoveredLines(file)) {
      const code = codes[line - 1] ?? "";
      const listed = [...unmatched].find((place) => place.path === path && place.code === code);
      if (listed) unmatched.delete(listed);
      else {
        const message = `something in "${code}" never runs: test it, delete it, or say why in ${listPath}`;
        findings.push({ path, line, message });
      }
    }
  }
  for (const { path, code, line } of unmatched) {
    const message = `"${code}" in ${path} is covered now; remove it from the list`;
    findings.push({ path: listPath, line, message });
  }
  return findings;
}
