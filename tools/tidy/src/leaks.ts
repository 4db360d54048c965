/**
 * What belongs to one machine or to one way of working, and has no place in the repository: paths of a machine, names
 * of registry hosts, folders beside the repository.
 */
import type { Finding } from "./finding.ts";
import { lineAt, type Repository } from "./repository.ts";
import { spelt } from "./spelt.ts";

interface Rule {
  pattern: RegExp;
  message: string;
}

const binary = /\.(png|jpe?g|gif|ico|woff2?|gz|tgz|zip|node|wasm)$/;

/** `outside` is the folder that holds the repository, without a slash at its end; "" when it is the root folder. */
export function checkLeaks(repository: Repository, outside: string): Finding[] {
  const rules = rulesFor(outside);
  const findings: Finding[] = [];
  for (const path of repository.paths) {
    if (binary.test(path)) continue;
    const text = repository.read(path);
    for (const { pattern, message } of rules)
      for (const match of text.matchAll(pattern))
        findings.push({
          path,
          line: lineAt(text, match.index),
          message: `"${match[0]}": ${message}`,
        });
  }
  return findings;
}

function rulesFor(outside: string): Rule[] {
  const registries = [spelt("n", "pm"), spelt("deb", "ian"), spelt("yarn", "pkg")].join("|");
  const rules: Rule[] = [
    {
      pattern: /(?<![\w.-])\/(?:home|Users|root)\/[\w.-]+/g,
      message: "a path of somebody's machine; make it relative, or use a temporary folder",
    },
    {
      pattern: new RegExp(String.raw`https?:\/\/[\w.-]*(?:${registries})[\w-]*\.(?:org|com)`, "g"),
      message: "the name of a registry host; name the package instead",
    },
    {
      pattern: new RegExp(String.raw`\.\.\/${spelt("sha", "red")}(?![\w.-])`, "g"),
      message:
        "a folder outside the repository; say it here, or refer to the rule as in (spec: routing 4.3)",
    },
  ];
  if (outside !== "")
    rules.push({
      pattern: new RegExp(String.raw`(?<![\w.-])${escapeForPattern(outside)}\/`, "g"),
      message: "the folder this copy happens to lie in; make the path relative",
    });
  return rules;
}

function escapeForPattern(text: string): string {
  return text.replaceAll(/[$()*+.?[\\\]^{|}/]/g, String.raw`\$&`);
}
