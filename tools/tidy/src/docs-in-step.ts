/**
 * Documents that are written by a program stand as the program would write them now.
 */
import type { Finding } from "./finding.ts";
import type { Repository } from "./repository.ts";

/** `generated`: path to the text that belongs there. */
export function checkDocsInStep(
  repository: Repository,
  generated: ReadonlyMap<string, string>,
): Finding[] {
  const findings: Finding[] = [];
  for (const [path, text] of generated) {
    const now = repository.has(path) ? repository.read(path) : null;
    if (now === text) continue;
    findings.push({
      path,
      line: now === null ? 0 : firstDifference(now, text),
      message: "is not what the sources say; run `npm run docs:tables` and look at the change",
    });
  }
  return findings;
}

function firstDifference(a: string, b: string): number {
  const [left, right] = [a.split("\n"), b.split("\n")];
  const at = left.findIndex((line, index) => line !== right[index]);
  return at === -1 ? left.length : at + 1;
}
