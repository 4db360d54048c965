/**
 * A folder for programs that a test writes and runs, in which they find the packages of this repository.
 */
import { mkdirSync, mkdtempSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** Beside the packages, since not every system lets everybody make links. The caller removes it. */
export function programFolder(): string {
  const cache = fileURLToPath(new URL("../../../../node_modules/.cache", import.meta.url));
  mkdirSync(cache, { recursive: true });
  return mkdtempSync(join(cache, "ipcz-test-"));
}
