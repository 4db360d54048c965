// Runs all vitest projects at once under a given Node.js, and counts. What vitest prints goes straight through; the
// numbers come from a file.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../", import.meta.url));

/**
 * Passed and skipped count tests; failed counts tests, files that did not load, and a run that ended in another way
 * than by failed tests. `node` is the program to use, also for what tests find on their path.
 */
export function runVitest({ node = process.execPath, args = [] } = {}) {
  const scratch = mkdtempSync(join(tmpdir(), "test-"));
  const file = join(scratch, "results.json");
  try {
    const { status, signal } = spawnSync(
      node,
      [
        join(root, "node_modules/vitest/vitest.mjs"),
        "run",
        "--reporter=default",
        "--reporter=json",
        `--outputFile.json=${file}`,
        // By default one processor is left idle, which is half of a small machine.
        `--maxWorkers=${availableParallelism()}`,
        ...args,
      ],
      {
        cwd: root,
        env: { ...process.env, PATH: `${dirname(node)}${delimiter}${process.env.PATH}` },
        stdio: ["ignore", "inherit", "inherit"],
      },
    );
    const total = readResults(file);
    // Errors outside any test: an uncaught exception, a worker that died, a configuration that does not load.
    if (status !== 0 && total.failed === 0) {
      total.failed++;
      console.log(`vitest itself failed: ${signal ?? `exit code ${status}`}`);
    }
    return total;
  } finally {
    rmSync(scratch, { recursive: true });
  }
}

/** What the report that vitest has written to `file` counts. */
export function readResults(file) {
  let results;
  try {
    results = JSON.parse(readFileSync(file, "utf8"));
  } catch {
    return { passed: 0, failed: 0, skipped: 0 };
  }
  const total = {
    passed: results.numPassedTests,
    failed: results.numFailedTests,
    skipped: results.numPendingTests + results.numTodoTests,
  };
  // A file that could not be loaded has no tests to count.
  for (const { status, assertionResults } of results.testResults)
    if (status === "failed" && !assertionResults.some((each) => each.status === "failed"))
      total.failed++;
  return total;
}
