/** What the two command lines of this package share: where the repository is, and how findings are told. */
import { fileURLToPath } from "node:url";
import { describeFinding, type Finding } from "./finding.ts";

export function rootFolder(): string {
  return fileURLToPath(new URL("../../../", import.meta.url));
}

/** Prints findings, then one line that sums them up; a finding that is no warning makes the process fail. */
export function report(name: string, findings: readonly Finding[]): void {
  for (const finding of findings) console.error(describeFinding(finding));
  const warnings = findings.filter(({ warning }) => warning === true).length;
  const wrong = findings.length - warnings;
  console.log(`${name}: ${wrong} wrong${warnings > 0 ? `, ${warnings} warnings` : ""}`);
  if (wrong > 0) process.exitCode = 1;
}
