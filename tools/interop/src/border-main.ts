/**
 * What the border costs: calls into native code and out of it, on this thread and from others.
 */
import { readFileSync, writeFileSync } from "node:fs";
import os from "node:os";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { exportAPI, importAPI, loadNative } from "@ipcz/abi";
import { getAPI } from "@ipcz/core";
import { measureNativeCalls } from "./border/native-calls.ts";
import { borderTable, withBorder } from "./border/section.ts";
import { measureTable } from "./border/table-calls.ts";
import { Stopwatch } from "./border/timing.ts";

const PAGE = fileURLToPath(new URL("../../../docs/benchmarks.md", import.meta.url));

const HELP = `Measures what calls across the border to native code cost, both ways.

  --native <path>   a C ipcz library to call as well; default: what IPCZ_NATIVE_LIB names
  --rounds <number> how many rounds count; default: 25
  --write           put the result into docs/benchmarks.md
  --help            print this

Calls that native code makes need a C compiler; without one they are left out, and nothing is written.`;

const { values: flags } = parseArgs({
  options: {
    native: { type: "string" },
    rounds: { type: "string", default: "25" },
    write: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});

if (flags.help) console.log(HELP);
else await measure(flags.native ?? process.env["IPCZ_NATIVE_LIB"] ?? null);

async function measure(library: string | null): Promise<void> {
  const watch = new Stopwatch(Number(flags.rounds));
  const load = os.loadavg()[0]?.toFixed(2) ?? "?";
  const rows = await measureTable(watch, "our table", getAPI());
  rows.push(
    ...(await measureTable(
      watch,
      "our table, into C and back",
      importAPI(exportAPI(getAPI()).pointer),
    )),
  );
  if (library !== null)
    rows.push(...(await measureTable(watch, "a C library", loadNative(library))));
  const native = await measureNativeCalls(watch);
  if (typeof native === "string") console.log(native);
  else rows.push(...native);
  const setting =
    `Node ${process.version}, ${os.type()} ${os.release()} ${os.arch()}, ${String(os.cpus().length)} cores, ` +
    `load average before the run ${load}.\nMedian of ${String(watch.rounds)} rounds.`;
  const table = borderTable(rows, setting);
  console.log(table);
  if (flags.write && typeof native !== "string") {
    writeFileSync(PAGE, withBorder(readFileSync(PAGE, "utf8"), table));
  }
  // The node over a driver that is none stays, and would keep the process.
  process.exit(flags.write && typeof native === "string" ? 1 : 0);
}
