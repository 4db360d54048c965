/**
 * A prefix of Wine: the drives, files and settings that programs for Windows see.
 */
import { execFileSync, spawn } from "node:child_process";
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { forwarderDll, processPrng } from "./forwarder-dll.ts";
import type { WinePrograms } from "./programs.ts";

/** How a server ends when there is one for its prefix already. */
const IS_RUNNING = 2;

/** The prefix in `cache`, made if it is not there. */
export function openPrefix(programs: WinePrograms, cache: string): string {
  // The number rises when what is below makes another one.
  const prefix = join(cache, "prefix-1");
  if (existsSync(prefix)) return prefix;
  console.log("making a prefix");
  const partial = `${prefix}.partial`;
  rmSync(partial, { recursive: true, force: true });
  mkdirSync(partial, { recursive: true });
  const env = wineEnvironment(partial);
  const run = (program: string, ...args: string[]): void => {
    execFileSync(program, args, { env, stdio: "ignore" });
  };
  run(programs.wine, "wineboot", "--init");
  // The default is Windows 7, on which Node.js does not start.
  run(programs.wine, "reg", "add", "HKCU\\Software\\Wine", "/v", "Version", "/d", "win10", "/f");
  // The settings are written when the server ends.
  run(programs.server, "-w");
  const library = join(partial, "drive_c/windows/system32", processPrng.library);
  if (!existsSync(library)) writeFileSync(library, forwarderDll(processPrng));
  renameSync(partial, prefix);
  return prefix;
}

/** The environment of everything that runs in a prefix. */
export function wineEnvironment(prefix: string): NodeJS.ProcessEnv {
  const { DISPLAY: _display, ...others } = process.env;
  return {
    ...others,
    WINEPREFIX: prefix,
    WINEARCH: "win64",
    WINEDEBUG: process.env["WINEDEBUG"] ?? "-all",
    // No .NET, no browser, no entries in the menus of a desktop.
    WINEDLLOVERRIDES: "mscoree,mshtml,winemenubuilder.exe=",
  };
}

/** A prefix that runs. */
export interface Running {
  /** Aborted when its server has ended too soon: then its programs stand still. */
  readonly lost: AbortSignal;
  /** Lets it end with the last of its programs. */
  release(): void;
}

/**
 * Keeps a prefix running; starting it takes a second each time.
 *
 * Wine has services of its own. They start with the first program, keep that one's standard streams open and end after
 * the last. This program comes first and has none, so that nobody waits for the services to close theirs.
 */
export function keepRunning(programs: WinePrograms, prefix: string, node: string): Running {
  const env = wineEnvironment(prefix);
  const lost = new AbortController();
  let isReleased = false;
  const server = spawn(programs.server, ["--foreground", "--persistent=0"], {
    env,
    stdio: ["ignore", "ignore", "inherit"],
  });
  server.once("exit", (code, signal) => {
    if (isReleased || code === IS_RUNNING) return;
    lost.abort(new Error(`Wine's server has ended: ${signal ?? `exit code ${String(code)}`}`));
  });
  execFileSync(programs.wine, ["cmd", "/c", "exit"], { env, stdio: "ignore" });
  // It reads until there is no more to read, also because this process is gone.
  const waiting = spawn(programs.wine, [node, "-e", "fs.readSync(0, Buffer.alloc(1))"], {
    env,
    stdio: ["pipe", "ignore", "ignore"],
  });
  lost.signal.addEventListener("abort", () => waiting.kill("SIGKILL"));
  return {
    lost: lost.signal,
    release: () => {
      isReleased = true;
      waiting.stdin.end();
    },
  };
}
