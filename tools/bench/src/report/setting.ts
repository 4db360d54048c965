/**
 * Where and how a run was made; its figures mean little without it.
 */
import { execFileSync } from "node:child_process";
import { createRequire } from "node:module";
import os from "node:os";
import process from "node:process";
import { fileURLToPath } from "node:url";

export interface Setting {
  readonly date: string;
  /** Of this repository; a plus: with changes. */
  readonly commit: string;
  readonly node: string;
  readonly v8: string;
  /** Of the package; null: not installed. */
  readonly zeromq: string | null;
  readonly system: string;
  readonly processor: string;
  readonly cores: number;
  readonly memoryGiB: number;
  /** Processes that wanted to run in the minute before: above 0 says how much others disturb. */
  readonly loadBefore: number;
  readonly rounds: number;
  readonly repeat: number;
  readonly scale: number;
}

export function describeSetting(run: Pick<Setting, "rounds" | "repeat" | "scale">): Setting {
  const cpus = os.cpus();
  return {
    date: new Date().toISOString().slice(0, 10),
    commit: commit(),
    node: process.version,
    v8: process.versions.v8,
    zeromq: zeromqVersion(),
    system: `${os.type()} ${os.release()} ${os.arch()}`,
    processor: cpus[0]?.model.trim() ?? "unknown",
    cores: cpus.length,
    memoryGiB: Math.round(os.totalmem() / 2 ** 30),
    loadBefore: os.loadavg()[0] ?? Number.NaN,
    ...run,
  };
}

/** Two lines of a report: when, what, and on which machine. */
export function machineLines(setting: Setting): string[] {
  const { zeromq } = setting;
  return [
    `${setting.date}, commit ${setting.commit}, Node ${setting.node} (V8 ${setting.v8})` +
      `${zeromq === null ? "" : `, zeromq ${zeromq}`}, ${setting.system},`,
    `${setting.processor}, ${setting.cores} cores, ${setting.memoryGiB} GiB; load average before the run ` +
      `${setting.loadBefore.toFixed(2)}.`,
  ];
}

function commit(): string {
  try {
    const name = git("rev-parse", "--short", "HEAD");
    return git("status", "--porcelain") === "" ? name : `${name}+`;
  } catch {
    return "unknown";
  }
}

function git(...args: string[]): string {
  const text = execFileSync("git", args, {
    cwd: fileURLToPath(new URL(".", import.meta.url)),
    encoding: "utf8",
    stdio: ["ignore", "pipe", "ignore"],
  });
  return text.trim();
}

function zeromqVersion(): string | null {
  try {
    const manifest = createRequire(import.meta.url)("zeromq/package.json") as { version: string };
    return manifest.version;
  } catch {
    return null;
  }
}
