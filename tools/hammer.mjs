// `npm run hammer [-- seconds]`: four native threads and JavaScript use one exported table for a long time. It is a test
// of @ipcz/abi that takes one second otherwise. Needs a C compiler; without one it says so and does nothing.
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../", import.meta.url));
const [seconds = "60"] = process.argv.slice(2);
if (!(Number(seconds) > 0)) {
  console.error(`how many seconds? "${seconds}" is no number above 0`);
  process.exit(2);
}
const args = [
  "run",
  "packages/abi/test/export/native-client.test.ts",
  "--testNamePattern=uses it from 4 threads",
];
const { status } = spawnSync(join(root, "node_modules/.bin/vitest"), args, {
  cwd: root,
  stdio: "inherit",
  env: { ...process.env, IPCZ_HAMMER_SECONDS: seconds },
});
process.exitCode = status ?? 1;
