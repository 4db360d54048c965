// Two TypeScripts are installed (docs/decisions/0006-nx-and-two-typescripts.md), and both packages bring a program
// called tsc. Which one npm links is its own affair, so it is looked at: tsc must be 7, and the API must be 6.
import { execFileSync } from "node:child_process";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";

const tsc = fileURLToPath(new URL("../node_modules/.bin/tsc", import.meta.url));
const program = execFileSync(tsc, ["--version"], { encoding: "utf8" })
  .replace("Version ", "")
  .trim();
const api = createRequire(import.meta.url)("typescript").version;

console.log(`compilers: tsc is ${program}, the API is ${api}`);
if (!program.startsWith("7.") || !api.startsWith("6.")) {
  console.error('expected tsc 7 and API 6; remove node_modules and run "npm ci"');
  process.exitCode = 1;
}
