/**
 * Wine itself, as Debian packages it: found, or installed where that is allowed.
 */
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import process from "node:process";

/** The programs of Wine that are needed. */
export interface WinePrograms {
  /** Runs a program for Windows. */
  readonly wine: string;
  /** Holds what such programs share. */
  readonly server: string;
}

/** Of the package wine64; there is nothing of it in the path. */
const PROGRAMS: WinePrograms = {
  wine: "/usr/lib/wine/wine64",
  server: "/usr/lib/wine/wineserver64",
};

/**
 * Reserves fixed addresses before Wine is loaded. Without it one start of a program in a thousand fails, because the
 * heap happens to lie where Windows has its shared page.
 */
const PRELOADER = "/usr/lib/wine/wine64-preloader";

const PACKAGES = ["wine64", "wine64-preloader"];

/** Wine, installed now if need be, or in words what is missing. */
export function findWine(): WinePrograms | string {
  if (process.arch !== "x64" || process.platform !== "linux")
    return `Wine is set up on Linux for x64 only, not on ${process.platform} for ${process.arch}`;
  if (isInstalled()) return PROGRAMS;
  const failure = install();
  if (failure !== null) return `Wine is missing: ${failure}`;
  return isInstalled() ? PROGRAMS : `Wine is missing: ${PACKAGES.join(", ")} did not bring it`;
}

function isInstalled(): boolean {
  return [PROGRAMS.wine, PROGRAMS.server, PRELOADER].every((path) => existsSync(path));
}

/** Null, or why it was not possible. */
function install(): string | null {
  const wanted = `apt-get install --no-install-recommends ${PACKAGES.join(" ")}`;
  if (spawnSync("apt-get", ["--version"]).status !== 0)
    return `this is no Debian; elsewhere nothing is known of its packages (on Debian: ${wanted})`;
  if (process.getuid?.() !== 0) return `run as root: ${wanted}`;
  console.log(`installing ${PACKAGES.join(", ")}`);
  const args = ["install", "--yes", "--no-install-recommends", ...PACKAGES];
  const first = aptGet(args);
  if (first === null) return null;
  // The lists of packages may be absent, as in a new container, or old.
  return aptGet(["update"]) ?? aptGet(args);
}

function aptGet(args: readonly string[]): string | null {
  const { status, stderr } = spawnSync("apt-get", ["-o", "DPkg::Lock::Timeout=600", ...args], {
    encoding: "utf8",
    env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" },
  });
  return status === 0 ? null : `apt-get ${args.join(" ")} failed:\n${stderr.trim()}`;
}
