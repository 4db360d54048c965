/** Runs a script beside this one in a process of its own, and waits for its end. */
import { spawn } from "node:child_process";
import process from "node:process";
import type { Failure } from "./failure.ts";
import { childScript } from "./child-script.ts";

/**
 * V8 ends a process that has no room for what it makes beside running it: code, records of what functions have seen (made
 * with the function instead of in the middle of a shortage), lists of what a garbage collection still has to visit. What
 * is tested is our room, so it gets some in advance.
 */
const CALM = ["--no-sparkplug", "--no-opt", "--no-lazy-feedback-allocation"];
/** Bytes that glibc asks of the system beyond what it needs. */
const MALLOC_TOP_PAD = 64 * 2 ** 20;

/** A script says what harm there was and fails, or ends with 0; `alive` is called whenever it says anything else. */
export function runAlone(
  name: string,
  args: readonly string[],
  alive: () => void = () => undefined,
): Promise<Failure[]> {
  const child = spawn(process.execPath, [...CALM, ...childScript(name, ...args)], {
    env: { ...process.env, MALLOC_TOP_PAD_: String(MALLOC_TOP_PAD) },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let errors = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    errors += text;
  });
  child.stdout.on("data", alive);
  return new Promise((resolve) => {
    child.once("close", (code, signal) => {
      const isFine = code === 0;
      resolve(isFine ? [] : [{ attack: 0, what: `ended with ${signal ?? code}: ${errors}` }]);
    });
  });
}
