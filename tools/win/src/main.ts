/**
 * `npm run test:win`: the tests in Node.js for Windows, natively on Windows, under Wine on Linux. Prints a table; its
 * last line is the sum. The exit code is 1 when anything failed.
 */
import { spawnSync } from "node:child_process";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { atOnce, type Say } from "./at-once.ts";
import { nativeHost, type Host } from "./host.ts";
import { runSuite } from "./run-suite.ts";
import { suites, type Suite } from "./suites.ts";
import { rowsWithoutHost, tableLines, type Row } from "./table.ts";
import { wineHost } from "./wine/host.ts";
import { findWine } from "./wine/programs.ts";

/** A suite keeps a processor busy, and half a small machine would be idle otherwise. */
const AT_ONCE = 2;

const HELP = `npm run test:win [-- options]

Runs the tests in Node.js for Windows: on Windows as it is, on Debian under Wine. There it installs Wine if it may, and
fetches Node.js and the dependencies for Windows from npm, into a folder outside the repository: ipcz-windows in
XDG_CACHE_HOME, or in ~/.cache.

  --only <names>      only these suites, separated by commas
  --repeat <number>   how often to run it all; default: 1
  --at-once <number>  how many suites run at a time; default: ${String(AT_ONCE)}
  --list              print the names of the suites, and run nothing
  --help              print this

Where there is no Wine, everything counts as skipped, or as failed with CI_WIN=1. The exit code is 1 when anything has
failed, or nothing was run.`;

const root = fileURLToPath(new URL("../../../", import.meta.url));

const { values: flags } = parseArgs({
  options: {
    only: { type: "string" },
    repeat: { type: "string", default: "1" },
    "at-once": { type: "string", default: String(AT_ONCE) },
    list: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});

if (flags.help) console.log(HELP);
else if (flags.list) for (const { name } of suites) console.log(name);
else {
  const rows = await runAll(chosen(flags.only), Number(flags.repeat), Number(flags["at-once"]));
  console.log(["", ...tableLines(rows)].join("\n"));
  process.exitCode = rows.length === 0 || rows.some(({ failed }) => failed > 0) ? 1 : 0;
}

function chosen(only: string | undefined): readonly Suite[] {
  if (only === undefined) return suites.filter((suite) => !("isExtra" in suite));
  return only.split(",").map((wanted) => {
    const found = suites.find(({ name }) => name === wanted);
    if (found === undefined) throw new Error(`no suite is named ${wanted}; see --list`);
    return found;
  });
}

async function runAll(wanted: readonly Suite[], repeats: number, width: number): Promise<Row[]> {
  const host = await openHost();
  if (typeof host === "string") {
    console.log(host);
    return rowsWithoutHost(wanted, process.env["CI_WIN"] === "1");
  }
  const rows: Row[] = [];
  try {
    for (let repeat = 1; repeat <= repeats; repeat++) {
      const title = `${host.description} (${String(repeat)}/${String(repeats)})`;
      // oxlint-disable-next-line no-await-in-loop -- each repeat by itself
      rows.push(...(await atOnce(wanted, width, (suite, say) => runOne(host, suite, title, say))));
    }
  } finally {
    host.close();
  }
  return rows;
}

async function runOne(host: Host, suite: Suite, title: string, say: Say): Promise<Row> {
  say(`\n=== ${suite.name}, ${title}\n`);
  const start = performance.now();
  const totals = await runSuite(host, suite, say);
  return { name: suite.name, ...totals, seconds: (performance.now() - start) / 1000 };
}

/** Where to run, with everything built; or in words what is missing. */
async function openHost(): Promise<Host | string> {
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
