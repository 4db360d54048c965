/**
 * Every invariant of the routing rules (I1 to I14, spec: routing 1.5) stands in the message of an assert and in the
 * name of a test, so that rule, check and proof can be joined by a search.
 */
import type { Finding } from "./finding.ts";
import { isSource } from "./imports.ts";
import type { Repository } from "./repository.ts";

export const invariantCount = 14;

const message = /["'`]I(\d+): /g;
const testName =
  /\b(?:it|test|describe|scenario)(?:\.\w+)?(?:\([^()]*\)|)\(\s*(["'`])((?:(?!\1)[^\\]|\\.)*)\1/g;

export function checkInvariantsTraced(repository: Repository): Finding[] {
  const asserted = new Set<number>();
  const tested = new Set<number>();
  for (const path of repository.paths.filter(isSource)) {
    if (path.startsWith("packages/core/src/"))
      for (const [, number] of repository.read(path).matchAll(message))
        asserted.add(Number(number));
    else if (path.includes("/test/") || path.endsWith(".suite.ts"))
      for (const [, , name = ""] of repository.read(path).matchAll(testName))
        for (const [, number] of name.matchAll(/\bI(\d+)\b/g)) tested.add(Number(number));
  }
  return [
    ...missing(asserted, "packages/core/src", "no assert's message starts with"),
    ...missing(tested, "packages/core/test", "no test's name contains"),
  ];
}

function missing(found: ReadonlySet<number>, path: string, what: string): Finding[] {
  const absent = Array.from({ length: invariantCount }, (_, index) => index + 1)
    .filter((number) => !found.has(number))
    .map((number) => `I${number}`);
  if (absent.length === 0) return [];
  return [{ path, line: 0, message: `${what} ${absent.join(", ")} (spec: routing 1.5)` }];
}
