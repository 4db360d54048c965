/**
 * Notes left in the sources: one about work to be done carries a kind and an issue, so that it can be found and done;
 * no other form is used, and no test shuts out the others.
 */
import type { Finding } from "./finding.ts";
import { isSource } from "./imports.ts";
import { lineAt, type Repository } from "./repository.ts";
import { spelt } from "./spelt.ts";

interface Rule {
  pattern: RegExp;
  message: string;
}

const todo = spelt("TO", "DO");
const rules: readonly Rule[] = [
  {
    pattern: new RegExp(String.raw`\b${todo}\b(?!\([a-z]+, #\d+\))`, "g"),
    message: `write ${todo}(kind, #issue), for example ${todo}(speed, #12), or do it now`,
  },
  {
    pattern: new RegExp(String.raw`\b${spelt("FIX", "ME")}\b|\b${spelt("XX", "X")}\b`, "g"),
    message: `use ${todo}(kind, #issue) for what is left to do`,
  },
  {
    pattern: new RegExp(
      String.raw`\b(it|test|describe|suite|scenario|bench)\.${spelt("on", "ly")}\b`,
      "g",
    ),
    message: "this runs alone and hides all other tests; remove it",
  },
];

export function checkTodo(repository: Repository): Finding[] {
  const findings: Finding[] = [];
  for (const path of repository.paths.filter(isSource)) {
    const text = repository.read(path);
    for (const { pattern, message } of rules)
      for (const match of text.matchAll(pattern))
        findings.push({ path, line: lineAt(text, match.index), message });
  }
  return findings;
}
