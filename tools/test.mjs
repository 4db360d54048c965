// `npm test`: every check of the repository, then every test. Prints a line as each begins and ends, what failed in
// full, and as its last line the sum: "N passed, N failed, N skipped". Passed and skipped count tests; failed counts
// tests and checks. Exits with 1 when anything failed.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../", import.meta.url));
const bin = (name) => join(root, "node_modules/.bin", name);
const npm = (script) => ["npm", "run", "--silent", script];

// The build comes first, because tests start child processes from it. A failed check does not stop the others.
const checks = [
  ["compilers", npm("compilers")],
  ["build", npm("build")],
  ["typecheck", npm("typecheck")],
  ["lint", npm("lint")],
  ["format", npm("format:check")],
  ["boundaries", npm("boundaries")],
  ["lockfile", npm("lockfile")],
  ["tidy", npm("tidy")],
  ["docs", npm("docs")],
];

const total = { passed: 0, failed: 0, skipped: 0 };
for (const [name, command] of checks) runCheck(name, command);
runTests();
console.log(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
process.exitCode = total.failed > 0 ? 1 : 0;

/** Runs one check; its output is shown when it fails. */
function runCheck(name, [command, ...args]) {
  const start = performance.now();
  const { status, stdout, stderr, error } = spawnSync(command, args, {
    cwd: root,
    encoding: "utf8",
    maxBuffer: 64 * 1024 * 1024,
  });
  const ok = status === 0;
  if (!ok) {
    total.failed++;
    console.log(`${stdout}${stderr}${error ? String(error) : ""}`.trimEnd());
  }
  console.log(`${ok ? "ok    " : "FAILED"} ${name} (${seconds(start)} s)`);
}

/** Runs all vitest projects at once. What they print goes straight through; the numbers come from a file. */
function runTests() {
  const scratch = mkdtempSync(join(tmpdir(), "test-"));
  const file = join(scratch, "results.json");
  const start = performance.now();
  try {
    const { status, signal } = spawnSync(
      bin("vitest"),
      ["run", "--reporter=default", "--reporter=json", `--outputFile.json=${file}`],
      { cwd: root, stdio: ["ignore", "inherit", "inherit"] },
    );
    const before = total.failed;
    addResults(file);
    // Errors outside any test: an uncaught exception, a worker that died, a configuration that does not load.
    if (status !== 0 && total.failed === before) {
      total.failed++;
      console.log(`vitest itself failed: ${signal ?? `exit code ${status}`}`);
    }
  } finally {
    rmSync(scratch, { recursive: true });
  }
  console.log(`tests took ${seconds(start)} s`);
}

function addResults(file) {
  let results;
  try {
    results = JSON.parse(readFileSync(file, "utf8"));
  } catch {
    return;
  }
  total.passed += results.numPassedTests;
  total.failed += results.numFailedTests;
  total.skipped += results.numPendingTests + results.numTodoTests;
  // A file that could not be loaded has no tests to count.
  for (const { status, assertionResults } of results.testResults)
    if (status === "failed" && !assertionResults.some((each) => each.status === "failed"))
      total.failed++;
}

function seconds(start) {
  return ((performance.now() - start) / 1000).toFixed(1);
}
