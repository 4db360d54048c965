/**
 * Where tests run: a Node.js for Windows, and a tree of files as that program sees it.
 */
import { spawn } from "node:child_process";
import process from "node:process";
import type { Say } from "./at-once.ts";

/** A way to run Node.js for Windows. */
export interface Host {
  /** One line for the report. */
  readonly description: string;
  /** The program, and what comes before the arguments of Node.js. */
  readonly command: readonly [string, ...string[]];
  /** The repository's files, with their dependencies installed for Windows. */
  readonly root: string;
  readonly env: NodeJS.ProcessEnv;
  /** Aborted, with the reason, when nothing can run there any more. */
  readonly lost?: AbortSignal;
  /** What the program calls the file at `path`. */
  pathInside(path: string): string;
  /** Gives back what only this run needs. */
  close(): void;
}

/** This Node.js, on a real Windows, in the repository itself. */
export function nativeHost(root: string): Host {
  return {
    description: `Node.js ${process.version} on Windows`,
    command: [process.execPath],
    root,
    env: process.env,
    pathInside: (path) => path,
    close: () => {},
  };
}

/** How a program ended, and what it wrote. */
export interface Ended {
  /** An exit code, or the name of the signal. */
  readonly how: number | string;
  readonly output: string;
}

/** Runs Node.js with `args`; what it writes is said at once. Rejects when the host is lost. */
export async function runNode(host: Host, args: readonly string[], say: Say): Promise<Ended> {
  const [program, ...first] = host.command;
  const child = spawn(program, [...first, ...args], {
    cwd: host.root,
    env: host.env,
    stdio: ["ignore", "pipe", "pipe"],
    signal: host.lost,
    killSignal: "SIGKILL",
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (part: string) => {
      output += part;
      say(part);
    });
  }
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code, signal) => {
      resolve({ how: code ?? signal ?? "unknown", output });
    });
  });
}
