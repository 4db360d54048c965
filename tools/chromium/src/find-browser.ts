/**
 * Where a Chromium or Chrome is: the binary itself, not the script that starts it, since child processes are started
 * from it directly.
 */
import { execFileSync } from "node:child_process";
import { closeSync, existsSync, openSync, readSync, realpathSync } from "node:fs";
import { dirname, join } from "node:path";
import { type ChromiumVersion, parseVersion } from "@ipcz/mojo";

/** A browser that runs here. */
export interface Browser {
  readonly program: string;
  /** What it says of itself. */
  readonly name: string;
  readonly version: ChromiumVersion;
}

/** Binaries, where packages put them. */
const usual: readonly string[] = [
  "/usr/lib/chromium/chromium",
  "/usr/lib64/chromium-browser/chromium-browser",
  "/usr/lib/chromium-browser/chromium-browser",
  "/opt/google/chrome/chrome",
  "/opt/google/chrome-beta/chrome",
  "/opt/chromium/chrome",
];

/** What a binary is called beside the script that starts it. */
const binaryNames: readonly string[] = ["chromium", "chrome", "chromium-browser"];

/** The browser at `path`, or else one where browsers usually are; null when there is none. */
export function findBrowser(path?: string): Browser | null {
  const candidates = path === undefined ? usual : [path, ...besides(path)];
  for (const candidate of candidates) {
    const browser = isBinary(candidate) ? ask(candidate) : null;
    if (browser) return browser;
  }
  return null;
}

/** A script starts a binary of its own folder, or of a folder of its name. */
function besides(path: string): string[] {
  if (!existsSync(path)) return [];
  const real = realpathSync(path);
  const folders = [dirname(real), `/usr/lib/${real.slice(dirname(real).length + 1)}`];
  return folders.flatMap((folder) => binaryNames.map((name) => join(folder, name)));
}

/** Whether a file begins as Linux programs do. */
function isBinary(path: string): boolean {
  try {
    const file = openSync(path, "r");
    const magic = Buffer.alloc(4);
    readSync(file, magic, 0, 4, 0);
    closeSync(file);
    return magic.toString("latin1") === "\u007fELF";
  } catch {
    return false;
  }
}

function ask(program: string): Browser | null {
  try {
    const name = execFileSync(program, ["--version"], {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    }).trim();
    const version = parseVersion(name);
    return version && { program, name, version };
  } catch {
    return null;
  }
}
