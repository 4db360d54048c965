/**
 * `npm run test:win`: the tests in Node.js for Windows, natively on Windows, under Wine on Linux. Prints a table; its
 * last line is the sum. The exit code is 1 when anything failed.
 */
import { spawnSync } from "node:child_process";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { nativeHost, type Host } from "./host.ts";
import { runSuite } from "./run-suite.ts";
import { suites, type Suite } from "./suites.ts";
import { rowsWithoutHost, tableLines, type Row } from "./table.ts";
import { wineHost } from "./wine/host.ts";
import { findWine } from "./wine/programs.ts";

const HELP = `npm run test:win [-- options]

Runs the tests in Node.js for Windows: on Windows as it is, on Debian under Wine. There it installs Wine if it may, and
fetches Node.js and the dependencies for Windows from npm, into a folder outside the repository: ipcz-windows in
XDG_CACHE_HOME, or in ~/.cache.

  --only <names>      only these suites, separated by commas
  --repeat <number>   how often to run it all; default: 1
  --list              print the names of the suites, and run nothing
  --help              print this

Where there is no Wine, everything counts as skipped, or as failed with CI_WIN=1. The exit code is 1 when anything has
failed.`;

const root = fileURLToPath(new URL("../../../", import.meta.url));

const { values: flags } = parseArgs({
  options: {
    only: { type: "string" },
    repeat: { type: "string", default: "1" },
    list: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});

if (flags.help) console.log(HELP);
else if (flags.list) for (const { name } of suites) console.log(name);
else {
  const rows = await runAll(chosen(flags.only), Number(flags.repeat));
  console.log(["", ...tableLines(rows)].join("\n"));
  process.exitCode = rows.some(({ failed }) => failed > 0) ? 1 : 0;
}

function chosen(only: string | undefined): readonly Suite[] {
  if (only === undefined) return suites.filter((suite) => !("isExtra" in suite));
  return only.split(",").map((wanted) => {
    const found = suites.find(({ name }) => name === wanted);
    if (found === undefined) throw new Error(`no suite is named ${wanted}; see --list`);
    return found;
  });
}

async function runAll(wanted: readonly Suite[], repeats: number): Promise<Row[]> {
  const host = openHost();
  if (typeof host === "string") {
    console.log(host);
    return rowsWithoutHost(wanted, process.env["CI_WIN"] === "1");
  }
  const rows: Row[] = [];
  try {
    for (let repeat = 1; repeat <= repeats; repeat++) {
      for (const suite of wanted) {
        console.log(`\n=== ${suite.name}, ${host.description} (${String(repeat)}/${repeats})`);
        const start = performance.now();
        const totals = await runSuite(host, suite);
        rows.push({ name: suite.name, ...totals, seconds: (performance.now() - start) / 1000 });
      }
    }
  } finally {
    host.close();
  }
  return rows;
}

/** Where to run, with everything built; or in words what is missing. */
function openHost(): Host | string {
  const wine = process.platform === "win32" ? null : findWine();
  if (typeof wine === "string") return wine;
  // Programs, and processes and threads that tests start, run from what is built.
  const built = spawnSync("npm", ["run", "--silent", "build"], {
    cwd: root,
    stdio: "inherit",
    shell: process.platform === "win32",
  });
  if (built.status !== 0) throw new Error("the build failed");
  return wine === null ? nativeHost(root) : wineHost(wine, root);
}
