// `npm test`: every check of the repository, then every test. Prints a line as each begins and ends, what failed in
// full, and as its last line the sum: "N passed, N failed, N skipped". Passed and skipped count tests; failed counts
// tests and checks. Exits with 1 when anything failed.
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { runVitest } from "./run-vitest.mjs";

const root = fileURLToPath(new URL("../", import.meta.url));
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

function runTests() {
  const start = performance.now();
  const { passed, failed, skipped } = runVitest();
  total.passed += passed;
  total.failed += failed;
  total.skipped += skipped;
  console.log(`tests took ${seconds(start)} s`);
}

function seconds(start) {
  return ((performance.now() - start) / 1000).toFixed(1);
}
