/**
 * Runs a few lines of TypeScript in a process of their own: what goes wrong there ends in a signal, not in a broken run.
 */
import { spawn } from "node:child_process";
import process from "node:process";
import { fileURLToPath } from "node:url";

const packageFolder = fileURLToPath(new URL("../..", import.meta.url));

export interface ScriptEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly output: string;
  readonly errors: string;
}

/** Runs `source` as a module; `nodeOptions` come before it. */
export function runScript(source: string, nodeOptions: readonly string[] = []): Promise<ScriptEnd> {
  const options = ["--import", "tsx", "--conditions=@ipcz/source", ...nodeOptions];
  // Whoever runs the tests may want colours from them; numbers that a script prints are compared as text.
  const { FORCE_COLOR: _colour, ...env } = process.env;
  const child = spawn(process.execPath, [...options, "--input-type=module", "--eval", source], {
    cwd: packageFolder,
    env,
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  let errors = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (output += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (errors += text));
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code, signal) => resolve({ code, signal, output, errors }));
  });
}

/** Start of a script that polls: the seam, a socket pair, and calls on it. Linux numbers. */
export const pollPrelude = `
  import { foreign } from "@ipcz/abi/ffi";
  const libc = foreign.load(null);
  const socketpair = libc.bind("int socketpair(int domain, int type, int protocol, void *pair)");
  const read = libc.bind("int64_t read(int fd, void *bytes, size_t count)");
  const write = libc.bind("int64_t write(int fd, void *bytes, size_t count)");
  const close = libc.bind("int close(int fd)");
  function pair() {
    const numbers = new Int32Array(2);
    socketpair(1, 1 | 0o2000000 | 0o4000, 0, numbers);
    return numbers;
  }
  const one = new Uint8Array(1);
  const readable = { readable: true, writable: false };
`;
