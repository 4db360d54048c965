/**
 * A whole browser, without windows, that starts our program in place of one of its utility processes. It talks to
 * nobody: no name resolves, and what it would do in the background is switched off.
 */
import { spawn } from "node:child_process";
import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import type { Readable, Writable } from "node:stream";
import { fileURLToPath } from "node:url";
import { type ClientOrders, type ClientReport, readReport } from "./client-report.ts";
import { DevTools } from "./devtools.ts";
import type { Browser } from "./find-browser.ts";

/** What to run. */
export interface BrowserRun {
  readonly browser: Browser;
  /** For its profile and other files. */
  readonly folder: string;
  /** Which utility process our program takes the place of. */
  readonly service: string;
  readonly memV2: boolean;
}

/** A browser that runs. */
export interface RunningBrowser {
  readonly devTools: DevTools;
  /** What our program says now; null as long as it has said nothing. */
  readonly report: () => ClientReport | null;
  /** The end of what the browser wrote to its error output. */
  readonly errors: () => string;
  readonly kill: () => void;
  /** Resolves when it has ended. */
  readonly closed: Promise<unknown>;
}

/** Starts it. */
export function startBrowser(run: BrowserRun): RunningBrowser {
  const report = join(run.folder, "report.json");
  const { major, minor, build, patch } = run.browser.version;
  const version = `${major}.${minor}.${build}.${patch}`;
  const script = writeScript(run, { report, version, memV2: run.memV2 });
  const child = spawn(run.browser.program, switches(run, script), {
    stdio: ["ignore", "ignore", "pipe", "pipe", "pipe"],
  });
  let errors = "";
  child.stderr?.on("data", (chunk: Buffer) => {
    errors = (errors + chunk.toString()).slice(-2000);
  });
  const closed = new Promise<void>((resolve) => {
    child.once("error", () => resolve());
    child.once("exit", () => resolve());
  });
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- pipes, as asked for above
  const [input, output] = [child.stdio[3] as Writable, child.stdio[4] as Readable];
  const devTools = new DevTools(input, output);
  return {
    devTools,
    report: () => readReport(report),
    errors: () => errors,
    kill: () => void child.kill("SIGKILL"),
    closed,
  };
}

function switches({ folder, memV2 }: BrowserRun, prefix: string): string[] {
  return [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-extensions",
    "--disable-sync",
    "--no-first-run",
    "--no-default-browser-check",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
    `--user-data-dir=${join(folder, "profile")}`,
    `--utility-cmd-prefix=${prefix}`,
    "--remote-debugging-pipe",
    ...(memV2 ? ["--enable-features=MojoIpczMemV2"] : []),
    "about:blank",
  ];
}

/** What the browser starts for each utility process: our program for the one that is meant, the real one otherwise. */
function writeScript({ folder, service }: BrowserRun, orders: ClientOrders): string {
  const path = join(folder, "utility.sh");
  const node = [process.execPath, ...process.execArgv, clientProgram].map(quote).join(" ");
  const lines = [
    "#!/bin/sh",
    'case " $* " in',
    `*" --utility-sub-type=${service} "*)`,
    `  IPCZ_CHROMIUM_ORDERS=${quote(JSON.stringify(orders))} exec ${node} "$@" ;;`,
    "esac",
    'exec "$@"',
    "",
  ];
  writeFileSync(path, lines.join("\n"));
  chmodSync(path, 0o755);
  return path;
}

/** Beside this file, in source or compiled form. */
const clientProgram: string = fileURLToPath(
  new URL(`./client-main.${import.meta.url.endsWith(".ts") ? "ts" : "js"}`, import.meta.url),
);

function quote(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
