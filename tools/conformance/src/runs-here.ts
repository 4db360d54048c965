/**
 * For tests that do not run everywhere, of this package and of others: what is skipped says why.
 *
 *     describe.runIf(runsHere(isLinux, "tests that read /proc"))("a process", () => …);
 */
import process from "node:process";

/** Answers `condition`, and where that is false prints what is skipped and why. */
export function runsHere(condition: boolean, otherwise: string): boolean {
  if (!condition) console.log(`skipped: ${otherwise}`);
  return condition;
}

export const isLinux: boolean = process.platform === "linux";
export const isWindows: boolean = process.platform === "win32";
